/** What adds to a project's files through the gateway is refused once the project is over its disk quota. */
import { Problem } from '@bine/shared/problems';
import { join } from 'node:path';
import type { Files } from '../files/files.ts';
import type { GitDomain } from '../git/git.ts';
import type { Snapshots } from '../jobs/snapshots.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import type { DiskUse } from './disk-use.ts';

export type GuardParts = {
  disk: Pick<DiskUse, 'check' | 'refuse' | 'left' | 'note' | 'changed' | 'sizeOf'>;
  projects: { folder(name: string): Promise<ProjectFolder> };
};

export function guardFiles(files: Files, { disk, projects }: GuardParts): Files {
  /** What it does may have made room. */
  const freeing = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } finally {
      disk.changed((await projects.folder(name)).id);
    }
  };
  return {
    ...files,
    async write(at, writing) {
      const project = await projects.folder(at.project);
      const before = await sizeOf(files, at);
      const more = (writing.length ?? 0) - before;
      if (more > 0 || before === 0) await disk.check(project, Math.max(1, more));
      let written = 0;
      const counted = countBytes(writing.body, (total) => {
        written = total;
        if (total > before && total - before > disk.left(project.id)) disk.refuse(project, total - before);
      });
      const stat = await files.write(at, { ...writing, body: counted });
      disk.note(project.id, written - before);
      return stat;
    },
    async copy(copy, signal) {
      const project = await projects.folder(copy.project);
      await disk.check(project, 1);
      if (disk.left(project.id) !== Infinity) {
        // What the path leads to is looked at again when it is copied; here it is only measured.
        await files.stat({ project: copy.project, path: copy.from });
        await disk.check(project, await disk.sizeOf(join(project.files, copy.from)));
      }
      return freeing(copy.project, () => files.copy(copy, signal));
    },
    delete: (at, signal) => freeing(at.project, () => files.delete(at, signal)),
    emptyBin: (project, signal) => freeing(project, () => files.emptyBin(project, signal)),
  };
}

/** 0: it is not there, or is no file. */
async function sizeOf(files: Files, at: { project: string; path: string }): Promise<number> {
  try {
    const { type, size } = await files.stat(at);
    return type === 'file' ? size : 0;
  } catch (error) {
    // Whatever is wrong with the path, the writing says it.
    if (error instanceof Problem) return 0;
    throw error;
  }
}

async function* countBytes(body: AsyncIterable<Uint8Array>, onTotal: (total: number) => void): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const chunk of body) {
    total += chunk.length;
    onTotal(total);
    yield chunk;
  }
}

export function guardGit(git: GitDomain, { disk, projects }: GuardParts): GitDomain {
  const check = async (name: string): Promise<void> => disk.check(await projects.folder(name), 1);
  const growing = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    await check(name);
    try {
      return await work();
    } finally {
      disk.changed((await projects.folder(name)).id);
    }
  };
  return {
    ...git,
    clone: (clone, user) => growing(clone.project, () => git.clone(clone, user)),
    fetch: (at, user) => growing(at.project, () => git.fetch(at, user)),
    pull: (at, user) => growing(at.project, () => git.pull(at, user)),
  };
}

export function guardSnapshots(snapshots: Snapshots, { disk, projects }: GuardParts): Snapshots {
  return {
    ...snapshots,
    async putBlob(name, digest, upload) {
      const project = await projects.folder(name);
      await disk.check(project, 1);
      let written = 0;
      const body = countBytes(upload.body, (total) => {
        written = total;
        if (total > disk.left(project.id)) disk.refuse(project, total);
      });
      const fresh = await snapshots.putBlob(name, digest, { ...upload, body });
      if (fresh) disk.note(project.id, written);
      return fresh;
    },
  };
}
