/** A tar archive, written while it is read: as much of the format as the engine needs to take files in. */
import type { Owner } from '../../ports/accounts.ts';

/** A file, readable by all, whose `body` has `size` bytes; or a folder, if its name ends with a slash. */
export type TarEntry = { name: string; size: number; body: AsyncIterable<Uint8Array> | Iterable<Uint8Array> };

const block = 512;
const longestName = 100;

export async function* tar(entries: Iterable<TarEntry>, owner: Owner = { uid: 0, gid: 0 }): AsyncIterable<Uint8Array> {
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    if (name.length > longestName) {
      // GNU's way of saying a long name: an entry of type L, whose content is the name.
      yield header({ name: Buffer.from('././@LongLink'), size: name.length, type: 'L' }, owner);
      yield name;
      yield padding(name.length);
    }
    yield header({ name, size: entry.size, type: entry.name.endsWith('/') ? '5' : '0' }, owner);
    let written = 0;
    for await (const bytes of entry.body) {
      written += bytes.length;
      yield bytes;
    }
    if (written !== entry.size) throw new Error(`${entry.name} has ${written} bytes, not ${entry.size}: it changed while it was read`);
    yield padding(written);
  }
  yield new Uint8Array(2 * block);
}

function header({ name, size, type }: { name: Buffer; size: number; type: string }, { uid, gid }: Owner): Buffer {
  const bytes = Buffer.alloc(block);
  const octal = (value: number, at: number, length: number) =>
    bytes.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
  name.copy(bytes, 0, 0, longestName);
  octal(type === '5' ? 0o755 : 0o644, 100, 8);
  octal(uid, 108, 8);
  octal(gid, 116, 8);
  octal(size, 124, 12);
  octal(Math.floor(Date.now() / 1000), 136, 12);
  bytes.write('        ', 148, 'latin1');
  bytes.write(type, 156, 'latin1');
  bytes.write('ustar  \0', 257, 'latin1');
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

function padding(size: number): Uint8Array {
  return new Uint8Array((block - (size % block)) % block);
}
