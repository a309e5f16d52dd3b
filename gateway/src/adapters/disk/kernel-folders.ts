/** The folder of each kernel: its log, its journal, its supervisor's socket. Its container can write in it, nobody else's. */
import { chmod, chown, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Owner } from './copy-tree.ts';
import { openFolder } from './descriptors.ts';
import { giveTree } from './give-tree.ts';

export type KernelFolders = {
  pathOf(id: string): string;
  /** Makes it unless it is there. @param owner who the kernel runs as @returns its path */
  create(id: string, owner: Owner): Promise<string>;
  /** Gives all in it to its owner. Only while no container has it mounted. */
  give(id: string, owner: Owner): Promise<void>;
  /** For good. Only once no container has it mounted any more. */
  remove(id: string): Promise<void>;
  /** Bytes in it. 0 if there is none. */
  size(id: string): Promise<number>;
};

export function createKernelFolders(folder: string): KernelFolders {
  const pathOf = (id: string) => join(folder, id);
  return {
    pathOf,
    async create(id, owner) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // Earlier versions let others pass.
      await chmod(folder, 0o700);
      const made = await mkdir(pathOf(id), { recursive: true, mode: 0o700 });
      if (made !== undefined && process.geteuid?.() === 0) await chown(pathOf(id), owner.uid, owner.gid);
      return pathOf(id);
    },
    async give(id, owner) {
      const directory = await openFolder(folder).catch(absent(null));
      if (!directory) return;
      await using _ = directory;
      await giveTree({ directory, name: id }, owner);
    },
    remove: (id) => rm(pathOf(id), { recursive: true, force: true }),
    size: (id) => sizeOf(pathOf(id)),
  };
}

async function sizeOf(path: string): Promise<number> {
  const stats = await lstat(path).catch(absent(null));
  if (!stats) return 0;
  if (!stats.isDirectory()) return stats.size;
  let total = 0;
  for (const name of await readdir(path).catch(absent<string[]>([]))) total += await sizeOf(join(path, name));
  return total;
}

function absent<T>(instead: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return instead;
    throw error;
  };
}
