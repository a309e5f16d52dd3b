import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { jsonLines, outputLines } from './streams.ts';

function frame(stream: 1 | 2, text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

/** The same bytes in pieces of one size. */
function pieces(bytes: Buffer, size: number): Readable {
  const cut: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) cut.push(bytes.subarray(at, at + size));
  return Readable.from(cut);
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const item of items) seen.push(item);
  return seen;
}

describe('output of a container', () => {
  const output = Buffer.concat([frame(1, 'first\nsec'), frame(2, 'ond\r\n'), frame(1, 'größe 10%\rgröße 100%\n\nlast')]);

  for (const size of [1, 3, 7, 8, 9, 1000]) {
    it(`is lines without their frames, however it is cut (pieces of ${size} bytes)`, async () => {
      assert.deepEqual(await all(outputLines(pieces(output, size))), ['first', 'second', 'größe 10%', 'größe 100%', 'last']);
    });
  }

  it('has no line that could fill the memory', async () => {
    const [line] = await all(outputLines(pieces(frame(1, 'x'.repeat(1_000_000)), 4096)));
    assert.equal(line!.length, 64 * 1024);
  });
});

describe('what the engine streams', () => {
  it('is one object a line, and what is none is passed over', async () => {
    const objects = await all(jsonLines(pieces(Buffer.from('{"a":1}\r\nnonsense\n{"b":'), 5)));
    assert.deepEqual(objects, [{ a: 1 }]);
  });
});
