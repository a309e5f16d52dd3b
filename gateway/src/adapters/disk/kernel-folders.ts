/** The folder of each kernel: its log, its journal, its supervisor's socket. Its container can write in it, nobody else's. */
import { chown, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

export type KernelFolders = {
  pathOf(id: string): string;
  /** Makes it unless it is there. @returns its path */
  create(id: string): Promise<string>;
  /** For good. Only once no container has it mounted any more. */
  remove(id: string): Promise<void>;
  /** Bytes in it. 0 if there is none. */
  size(id: string): Promise<number>;
};

type FolderParts = {
  folder: string;
  /** Who the kernels run as. */
  owner: { uid: number; gid: number };
};

export function createKernelFolders({ folder, owner }: FolderParts): KernelFolders {
  const pathOf = (id: string) => join(folder, id);
  return {
    pathOf,
    async create(id) {
      await mkdir(folder, { recursive: true, mode: 0o711 });
      const made = await mkdir(pathOf(id), { recursive: true, mode: 0o700 });
      if (made !== undefined) await chown(pathOf(id), owner.uid, owner.gid);
      return pathOf(id);
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
