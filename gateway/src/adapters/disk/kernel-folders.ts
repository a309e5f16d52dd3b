/** The folder of each kernel: its log, its journal, its supervisor's socket. Its container can write in it, nobody else's. */
import { chmod, chown, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openFolder } from './descriptors.ts';
import { giveTree } from './give-tree.ts';
import type { KernelFolders } from '../../ports/run-archive.ts';

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
