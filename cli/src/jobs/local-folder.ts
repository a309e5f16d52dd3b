/** A folder of this machine, as a snapshot reads it. */
import { openAsBlob } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Folder, Found } from './snapshot.ts';

export function localFolder(root: string): Folder {
  return {
    name: basename(root),
    read: (path) => openAsBlob(join(root, path)),
    async list(path) {
      const all = await readdir(join(root, path), { withFileTypes: true });
      const found = await Promise.all(
        all.map(async (entry): Promise<Found | null> => {
          // A link that leads nowhere, or a file that went away meanwhile.
          const there = await stat(join(root, path, entry.name)).catch(() => null);
          if (!there || (entry.isSymbolicLink() && !there.isFile())) return null;
          const type = there.isFile() ? 'file' : there.isDirectory() ? 'directory' : null;
          return type && { name: entry.name, type, mode: there.mode & 0o777, size: there.size };
        }),
      );
      return found.filter((each) => each !== null);
    },
  };
}
