/**
 * The files of projects, whose containers run programs that nobody trusts. Nothing here reaches outside of a project's
 * folder, however the names in it are linked, or swapped while a call runs. The sole importer of node:fs for them.
 */
import { mkdir } from 'node:fs/promises';
import type { Disk } from '../../ports/files.ts';
import { openFolder } from './descriptors.ts';
import { createFlood } from './flood.ts';
import { createFolder } from './folder.ts';
import { createIncoming } from './incoming.ts';
import { createTurns } from '../../lib/turns.ts';
import { watchTree } from './watch-tree.ts';

export function createDisk(): Disk {
  const turns = createTurns();
  const incoming = createIncoming();
  const flood = createFlood();
  // Only root can give files away.
  const isRoot = process.geteuid?.() === 0;
  return {
    folder({ files, bin, owner }) {
      const openBin = async () => {
        await mkdir(bin, { recursive: true, mode: 0o700 });
        return openFolder(bin);
      };
      return createFolder({ files, owner: isRoot ? owner : null, turns, openIncoming: () => incoming.open(bin), openBin });
    },
    watch: (files, listener) => watchTree(files, flood, listener),
    [Symbol.asyncDispose]: () => incoming[Symbol.asyncDispose](),
  };
}
