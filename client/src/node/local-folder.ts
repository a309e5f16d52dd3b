/** A folder of this machine, as a snapshot reads it. */
import { openAsBlob } from 'node:fs';
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { gitFiles } from './git-files.ts';
import type { Folder, Found } from './snapshot.ts';

export function localFolder(root: string): Folder {
  const real = realpath(root);
  return {
    name: basename(root),
    read: (path) => openAsBlob(join(root, path)),
    git: (signal) => gitFiles(root, signal),
    names: (path) => readdir(join(root, path)),
    async list(path) {
      const all = await readdir(join(root, path), { withFileTypes: true });
      return Promise.all(all.map((entry) => found(entry, { path: join(root, path, entry.name), root: real })));
    },
  };
}

async function found(entry: Dirent, { path, root }: { path: string; root: Promise<string> }): Promise<Found> {
  const { name } = entry;
  const none = { name, type: 'other', mode: 0, size: 0 } as const;
  const there = await stat(path).catch((error: NodeJS.ErrnoException) => error);
  if (there instanceof Error)
    return { ...none, problem: entry.isSymbolicLink() ? (brokenLink[there.code ?? ''] ?? there.message) : there.message };
  const type = there.isFile() ? 'file' : there.isDirectory() ? 'directory' : null;
  if (!type) return { ...none, problem: 'a pipe, socket or device' };
  const plain = { name, type, mode: there.mode & 0o777, size: there.size } as const;
  if (!entry.isSymbolicLink()) return plain;
  const target = relative(await root, await realpath(path));
  if (target === '..' || target.startsWith(`..${sep}`)) return { ...plain, outside: true };
  return { ...plain, target: target.split(sep).join('/') };
}

const brokenLink: Record<string, string> = { ENOENT: 'a link that leads nowhere', ELOOP: 'a link that leads to itself' };
