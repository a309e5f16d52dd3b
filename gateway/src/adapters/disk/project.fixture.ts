/** A real project's folder with its bin, on a real disk. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createDisk } from './disk.ts';
import type { Disk, Folder } from '../../ports/files.ts';

export type TestProject = {
  /** Absolute paths. */
  files: string;
  bin: string;
  disk: Disk;
  folder: Folder;
  /** Makes files with their folders: path → content. */
  make(content: Record<string, string>): Promise<void>;
  read(path: string): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
};

export async function makeProject(within = tmpdir()): Promise<TestProject> {
  const home = await mkdtemp(join(within, 'bine-project-'));
  const [files, bin] = [join(home, 'files'), join(home, 'bin')];
  await mkdir(files);
  const disk = createDisk();
  return {
    files,
    bin,
    disk,
    folder: disk.folder({ files, bin, owner: { uid: 1000, gid: 1000 } }),
    async make(content) {
      for (const [path, text] of Object.entries(content)) {
        await mkdir(dirname(join(files, path)), { recursive: true });
        await writeFile(join(files, path), text);
      }
    },
    read: (path) => readFile(join(files, path), 'utf8'),
    async [Symbol.asyncDispose]() {
      await disk[Symbol.asyncDispose]();
      await rm(home, { recursive: true });
    },
  };
}
