import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { tar } from './tar.ts';

async function all(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const read: Uint8Array[] = [];
  for await (const part of parts) read.push(part);
  return read;
}

describe('a tar archive', () => {
  it('is read by tar, with content of any length, and names of any length', async () => {
    const long = `wheels/${'long-'.repeat(40)}name.whl`;
    const content = Buffer.alloc(1025, 'x');
    const entries = [
      { name: 'wheels/empty', size: 0, body: [] },
      { name: long, size: content.length, body: [content.subarray(0, 1000), content.subarray(1000)] },
    ] as const;
    const archive = Buffer.concat(await all(tar(entries)));
    assert.equal(execFileSync('tar', ['-t'], { input: archive, encoding: 'utf8' }), `wheels/empty\n${long}\n`);
    assert.deepEqual(execFileSync('tar', ['-xO', long], { input: archive }), content);
  });

  it('is not finished when a file has another length than was said', async () => {
    const shrunk = [{ name: 'a', size: 5, body: [Buffer.from('abc')] }] as const;
    await assert.rejects(all(tar(shrunk)), /a has 3 bytes, not 5/);
  });
});
