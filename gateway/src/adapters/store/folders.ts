/** The folders of projects on the host. What is in them is the business of the disk adapter. */
import { chmod, chown, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Owner } from '../../ports/accounts.ts';
import { openFolder } from '../disk/descriptors.ts';
import { giveTree } from '../disk/give-tree.ts';
import type { Folders } from '../../ports/state/folders.ts';

export function createFolders(root: string): Folders {
  const folder = (id: string) => join(root, id);
  const of = (id: string) => ({ files: join(folder(id), 'files'), bin: join(folder(id), 'bin') });

  return {
    of,

    async create(id: string, owner: Owner): Promise<void> {
      const { files, bin } = of(id);
      await mkdir(bin, { recursive: true, mode: 0o700 });
      await mkdir(files, { recursive: true, mode: 0o700 });
      // Only root may give a folder away; any other user's own id is the containers' id.
      if (process.getuid?.() === 0) await chown(files, owner.uid, owner.gid);
    },

    async give(id: string, owner: Owner): Promise<void> {
      // The bin's own notes, the contents of snapshots and what the runner of a job is not to change stay the gateway's.
      const given = ['files', ...(await inAll(root, [id, 'bin'], 'item')), ...(await inAll(root, [id, 'executions'], 'bine', 'snapshot'))];
      for (const path of given) await giveAt(join(folder(id), path), owner);
      await chmod(folder(id), 0o700);
      await chmod(of(id).files, 0o700);
    },

    async erase(id: string): Promise<void> {
      const doomed = join(root, `.erased-${id}`);
      await rename(folder(id), doomed).catch(ignoreMissing);
      await rm(doomed, { recursive: true, force: true });
    },
  };
}

/** Paths, relative to the project's folder, of what has one of these names in a folder of that one. */
async function inAll(root: string, [id, parent]: [string, string], ...names: string[]): Promise<string[]> {
  const found = await readdir(join(root, id, parent)).catch((error: NodeJS.ErrnoException) => {
    ignoreMissing(error);
    return [];
  });
  return found.flatMap((one) => names.map((name) => join(parent, one, name)));
}

async function giveAt(path: string, owner: Owner): Promise<void> {
  const directory = await openFolder(dirname(path)).catch(ignoreMissing);
  if (!directory) return;
  await using _ = directory;
  await giveTree({ directory, name: basename(path) }, owner);
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
