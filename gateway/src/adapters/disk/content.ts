/** A file's bytes: read from a descriptor that was checked, written beside and moved in place when they are all there. */
import { constants } from 'node:fs';
import { open, statfs, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { BigIntStats } from 'node:fs';
import { Problem } from '@bine/shared/problems';
import { newId } from '../../lib/id.ts';
import { at, describeHandle, self } from './descriptors.ts';
import type { Spot } from './descriptors.ts';
import { entryOf } from './entries.ts';
import type { Content, Upload } from '../../ports/files.ts';
import { quote } from './errors.ts';
import { resolve } from './resolve.ts';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;
const chunkSize = 256 * 1024;
/** What is written at once: a whole batch of what came in small pieces. */
const batchSize = 1024 * 1024;
const mostChunks = 512;

export async function openContent(root: string, names: readonly string[]): Promise<Content> {
  await using place = await resolve(root, names, 'follow');
  if (!place.stats || !place.entry) throw new Problem('not-found', `${quote(names)} does not exist.`);
  refuseUnlessFile(place.stats, names);
  const handle = await open(self(place.entry), O_RDONLY | O_NONBLOCK | O_NOCTTY);
  const stats = await describeHandle(handle);
  return {
    entry: entryOf(stats, place.link),
    stream: (range = { start: 0, end: Number.MAX_SAFE_INTEGER }) =>
      handle.createReadStream({ ...range, highWaterMark: chunkSize, autoClose: false }),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

export function refuseUnlessFile(stats: BigIntStats, names: readonly string[]): void {
  if (stats.isDirectory()) throw new Problem('conflict', `${quote(names)} is a folder; this needs a file.`);
  if (stats.isFile()) return;
  throw new Problem('path-refused', `${quote(names)} is a device, a pipe or a socket, not a file; it is neither read nor written.`);
}

/** Bytes that nobody sees yet. Disposing it deletes them, unless they were moved away. */
export type Staged = Spot & { handle: FileHandle; [Symbol.asyncDispose](): Promise<void> };

/** @throws Problem no-space before the first byte when `length` is more than the disk has left */
export async function stage(directory: FileHandle, { body, length, signal }: Upload): Promise<Staged> {
  if (length !== undefined) await checkSpace(directory, length);
  const spot = { directory, name: newId() };
  const handle = await open(at(spot), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666);
  const staged = {
    ...spot,
    handle,
    async [Symbol.asyncDispose]() {
      await handle.close();
      // Most often it has its own name by now. What cannot be deleted is at the next start.
      await unlink(at(spot)).catch(() => undefined);
    },
  };
  try {
    await pour(body, handle, signal);
    await handle.sync();
    return staged;
  } catch (error) {
    await staged[Symbol.asyncDispose]();
    throw error;
  }
}

/** Receives the next bytes while the last are written, and waits for the disk rather than hold more than that. */
async function pour(body: AsyncIterable<Uint8Array>, handle: FileHandle, signal: AbortSignal): Promise<void> {
  let received: Uint8Array[] = [];
  let size = 0;
  let writing = Promise.resolve();
  try {
    for await (const chunk of body) {
      signal.throwIfAborted();
      received.push(chunk);
      size += chunk.byteLength;
      if (size < batchSize && received.length < mostChunks) continue;
      await writing;
      writing = writeAll(handle, received);
      // Its failure is seen above or below, when the next bytes have come.
      writing.catch(() => undefined);
      received = [];
      size = 0;
    }
    await writing;
    await writeAll(handle, received);
  } finally {
    // Only to its end: it has been thrown above, unless something else has.
    await writing.catch(() => undefined);
  }
}

async function writeAll(handle: FileHandle, chunks: Uint8Array[]): Promise<void> {
  const size = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  if (size === 0) return;
  const { bytesWritten } = await handle.writev(chunks);
  // Short when the disk is nearly full; writing the rest tells.
  if (bytesWritten < size) await handle.writeFile(Buffer.concat(chunks).subarray(bytesWritten));
}

async function checkSpace(directory: FileHandle, length: number): Promise<void> {
  const { bavail, bsize } = await statfs(self(directory), { bigint: true });
  const free = bavail * bsize;
  if (BigInt(length) <= free) return;
  throw new Problem(
    'no-space',
    `The upload has ${length} bytes and the disk has ${free} left. Empty the bin or delete what is not needed.`,
  );
}
