/**
 * Files by their content, for executions to run on: each content once, under its SHA-256, where no container sees it. What an execution
 * gets are copies; of them it may do what it likes.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, chown, copyFile, mkdir, open, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SnapshotEntry } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { newId } from '../../lib/id.ts';
import { foldersAbove } from '../../lib/folders-above.ts';
import { createPause } from '../../lib/pause.ts';
import type { Owner } from '../../ports/accounts.ts';
import { codeOf } from './descriptors.ts';
import type { SnapshotStore } from '../../ports/run-archive.ts';

/** How many files are looked at or copied at once. */
const together = 32;

/** @param root the folder with all projects' folders */
export function createSnapshotStore(root: string): SnapshotStore {
  const isRoot = process.geteuid?.() === 0;
  const folder = (projectId: string, name: string) => join(root, projectId, 'snapshots', name);
  const blob = (projectId: string, digest: string) => join(folder(projectId, 'blobs'), digest.slice(0, 2), digest);
  const named = (projectId: string, digest: string) => join(folder(projectId, 'named'), digest);

  async function give(path: string, owner: Owner, mode: number): Promise<void> {
    if (isRoot) await chown(path, owner.uid, owner.gid);
    await chmod(path, mode);
  }

  const listNamed = async (projectId: string): Promise<string[]> => (await readdir(folder(projectId, 'named')).catch(absent)) ?? [];

  return {
    async put(projectId, digest, { body, signal }) {
      const target = blob(projectId, digest);
      if (await touch(target)) return false;
      const incoming = folder(projectId, 'incoming');
      await mkdir(incoming, { recursive: true, mode: 0o700 });
      const staged = join(incoming, newId());
      try {
        const found = await receive(staged, body, signal);
        if (found !== digest) throw wrongDigest(digest, found);
        await mkdir(dirname(target), { recursive: true, mode: 0o700 });
        await rename(staged, target);
      } finally {
        await rm(staged, { force: true });
      }
      return true;
    },

    async missing(projectId, digests) {
      const found = await inBatches([...new Set(digests)], async (digest) => ((await touch(blob(projectId, digest))) ? null : digest));
      return found.filter((digest) => digest !== null);
    },

    async read(projectId, digest, most) {
      const { size } = (await stat(blob(projectId, digest)).catch(absent)) ?? { size: 0 };
      if (size > most)
        throw new Problem('too-large', `The manifest has ${size} bytes, and may have ${most}. Leave out what the job doesn't need.`);
      return readFile(blob(projectId, digest)).catch(absent);
    },

    async name(projectId, digest) {
      await mkdir(folder(projectId, 'named'), { recursive: true, mode: 0o700 });
      await writeFile(named(projectId, digest), '');
    },
    isNamed: async (projectId, digest) => (await stat(named(projectId, digest)).catch(absent)) !== null,
    listNamed,

    async materialise(projectId, entries, { target, owner, signal }) {
      await mkdir(target, { mode: 0o700 });
      const folders = await foldersOf(entries);
      for (const path of folders.keys()) await mkdir(join(target, path));
      const files = entries.filter((entry) => entry.type === 'file');
      await inBatches(files, async ({ path, sha256, mode }) => {
        signal.throwIfAborted();
        await copyFile(blob(projectId, sha256), join(target, path), constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
        await give(join(target, path), owner, mode);
      });
      // Last and from within, since a folder that may not be written could not be filled.
      for (const [path, mode] of [...folders].toReversed()) await give(join(target, path), owner, mode);
      await give(target, owner, 0o700);
    },

    async prune(projectId, { snapshots, contents, before }) {
      for (const digest of await listNamed(projectId)) if (!snapshots.has(digest)) await removeOld(named(projectId, digest), before);
      for (const prefix of (await readdir(folder(projectId, 'blobs')).catch(absent)) ?? []) {
        for (const digest of await readdir(join(folder(projectId, 'blobs'), prefix))) {
          if (!contents.has(digest)) await removeOld(blob(projectId, digest), before);
        }
      }
      // Uploads that a gateway which died left behind.
      const incoming = folder(projectId, 'incoming');
      for (const name of (await readdir(incoming).catch(absent)) ?? []) await removeOld(join(incoming, name), before);
    },
  };
}

async function receive(path: string, body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<string> {
  await using file = await open(path, 'wx', 0o600);
  const hash = createHash('sha256');
  for await (const chunk of body) {
    signal.throwIfAborted();
    hash.update(chunk);
    await file.writeFile(chunk);
  }
  signal.throwIfAborted();
  // A name must never stand for bytes that a power cut took.
  await file.datasync();
  return hash.digest('hex');
}

function wrongDigest(digest: string, found: string): Problem {
  const problem = `the bytes have the SHA-256 ${found}`;
  return new Problem('invalid', `${problem}, not ${digest}: they changed while they were sent. Send the file again.`, {
    fields: [{ field: 'sha256', problem }],
  });
}

/** All folders that are named or needed, parents first, with their modes. */
async function foldersOf(entries: readonly SnapshotEntry[]): Promise<Map<string, number>> {
  const modes = new Map<string, number>();
  const pause = createPause();
  for (const entry of entries) {
    for (const parent of foldersAbove(entry.path, modes).toReversed()) modes.set(parent, 0o755);
    if (entry.type === 'directory') modes.set(entry.path, entry.mode);
    await pause();
  }
  return modes;
}

async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += together) {
    results.push(...(await Promise.all(items.slice(start, start + together).map(work))));
  }
  return results;
}

/** false: it is not there. */
async function touch(path: string): Promise<boolean> {
  const now = new Date();
  const touched = await utimes(path, now, now).then(() => true, absent);
  return touched !== null;
}

async function removeOld(path: string, before: number): Promise<void> {
  const stats = await stat(path).catch(absent);
  if (stats && stats.mtimeMs < before) await rm(path, { force: true });
}

function absent(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}
