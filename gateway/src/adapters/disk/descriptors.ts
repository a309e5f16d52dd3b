/**
 * Names relative to an open folder. Node has no openat(2): `/proc/self/fd/N/name` is the same, since the kernel
 * starts at the descriptor and not at a path that a program may have swapped meanwhile.
 */
import { constants, lstat as lstatWithCallback } from 'node:fs';
import type { BigIntStats, Dirent } from 'node:fs';
import { open, opendir, readlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { newId } from '../../lib/id.ts';

/** A name as Linux knows it: text, or bytes where they may be no valid UTF-8. */
export type Name = string | Buffer;
/** A name in an open folder, whether or not something is there. */
export type Spot = { directory: FileHandle; name: Name };

/** Names something without opening it: no device is touched, no FIFO waited for. Node does not list this flag. */
const O_PATH = 0o10000000;
const { O_DIRECTORY, O_NOFOLLOW } = constants;

const hidden = /^\.bine-[0-9a-z]{16}\.part$/;

/** For what must stand beside its target until it is whole; never listed, watched or copied. */
export const hiddenName = (): string => `.bine-${newId()}.part`;
export const isHidden = (name: Name): boolean => hidden.test(name.toString());

/** What the descriptor stands for, whatever its path has become. */
export const self = (handle: FileHandle): string => `/proc/self/fd/${handle.fd}`;

export function at({ directory, name }: Spot): Name {
  const text = name.toString();
  if (text === '' || text === '.' || text === '..' || /[/\0]/.test(text))
    throw new Error(`not a name in a folder: ${JSON.stringify(text)}`);
  return typeof name === 'string' ? `${self(directory)}/${name}` : Buffer.concat([Buffer.from(`${self(directory)}/`), name]);
}

/** The folder at an absolute path of the gateway's own. */
export const openFolder = (path: string): Promise<FileHandle> => open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW);

export const openSubfolder = (spot: Spot): Promise<FileHandle> => open(at(spot), O_PATH | O_DIRECTORY | O_NOFOLLOW);

/** Whatever is there, a link as itself; null when nothing is. */
export const openEntry = (spot: Spot): Promise<FileHandle | null> => unlessMissing(open(at(spot), O_PATH | O_NOFOLLOW));

export const readLink = (spot: Spot): Promise<string> => readlink(at(spot));

/** Half the cost of the one that returns a promise, which counts in a folder of 10,000. */
export function describe(spot: Spot): Promise<BigIntStats | null> {
  return unlessMissing(
    new Promise<BigIntStats>((resolve, reject) => {
      lstatWithCallback(at(spot), { bigint: true }, (error, stats) => (error ? reject(error) : resolve(stats)));
    }),
  );
}

export const describeHandle = (handle: FileHandle): Promise<BigIntStats> => handle.stat({ bigint: true });

/** Read bit by bit, since a program may have filled the folder with more names than fit in memory. */
export async function* childrenOf(folder: FileHandle): AsyncGenerator<Dirent<Buffer>> {
  // Names as bytes, which Node can read though its types don't say so.
  const encoding = 'buffer' as BufferEncoding;
  for await (const child of await opendir(self(folder), { bufferSize: 1024, encoding })) yield child as unknown as Dirent<Buffer>;
}

/** null where the bytes are no valid UTF-8, so that no path could say the name, and for what is hidden. */
export function textOf(name: Buffer): string | null {
  const text = name.toString();
  return text.includes('\uFFFD') || isHidden(text) ? null : text;
}

async function unlessMissing<T>(outcome: Promise<T>): Promise<T | null> {
  try {
    return await outcome;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code;
