/** The folders of projects on the host. What is in them is the business of the disk adapter. */
import { chown, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

export type Folders = ReturnType<typeof createFolders>;

export function createFolders({ root, owner }: { root: string; owner: { uid: number; gid: number } }) {
  const folder = (id: string) => join(root, id);
  const of = (id: string) => ({ files: join(folder(id), 'files'), bin: join(folder(id), 'bin') });

  return {
    /** `files` is mounted into containers; `bin`, for deleted files, is not. */
    of,

    async create(id: string): Promise<void> {
      const { files, bin } = of(id);
      await mkdir(bin, { recursive: true, mode: 0o700 });
      await mkdir(files, { recursive: true, mode: 0o750 });
      // Only root may give a folder away; any other user's own id is the containers' id.
      if (process.getuid?.() === 0) await chown(files, owner.uid, owner.gid);
    },

    /** For good. It is out of sight at once; what a crash leaves of it goes when it is erased again. */
    async erase(id: string): Promise<void> {
      const doomed = join(root, `.erased-${id}`);
      await rename(folder(id), doomed).catch(ignoreMissing);
      await rm(doomed, { recursive: true, force: true });
    },
  };
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
