/**
 * Where bytes wait until they are whole and trees until they are deleted: beside the bin, where no container sees
 * them. Each start of the gateway has a folder of its own, so that it can tell what an earlier one left when it was killed.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileHandle } from 'node:fs/promises';
import { newId } from '../../lib/id.ts';
import { openFolder } from './descriptors.ts';
import { discard } from './remove-tree.ts';

export type Incoming = {
  /** @param bin a project's bin, which is made if it is missing */
  open(bin: string): Promise<FileHandle>;
  [Symbol.asyncDispose](): Promise<void>;
};

export function createIncoming(): Incoming {
  const start = newId();
  const ended = new AbortController();
  const cleaned = new Map<string, Promise<void>>();

  return {
    async open(bin) {
      const all = join(bin, '.incoming');
      await mkdir(join(all, start), { recursive: true, mode: 0o700 });
      // What can't be deleted now is tried again at the next start; nobody waits for it.
      if (!cleaned.has(bin))
        cleaned.set(
          bin,
          clean(all, start, ended.signal).catch(() => undefined),
        );
      return openFolder(join(all, start));
    },
    async [Symbol.asyncDispose]() {
      ended.abort();
      await Promise.all(cleaned.values());
    },
  };
}

async function clean(all: string, start: string, signal: AbortSignal): Promise<void> {
  await using folder = await openFolder(all);
  for (const name of await readdir(all)) {
    if (name === start) continue;
    await using trash = await openFolder(join(all, start));
    await discard({ directory: folder, name }, trash, signal);
  }
}
