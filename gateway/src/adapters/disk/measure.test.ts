import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { link, mkdir, mkdtemp, rename, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { measureDisk, parseTotal } from './measure.ts';

const mebibyte = 2 ** 20;
const block = 64 * 1024;

async function makeFolder(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'bine-measure-'));
  // Node does not remove what is too deep for a path.
  t.after(() => promisify(execFile)('rm', ['-rf', folder]));
  return folder;
}

const close = (bytes: number, expected: number) => assert.ok(Math.abs(bytes - expected) < block, `${bytes} is not about ${expected}`);

describe('the disk space of folders', () => {
  it('is that of all files in them, one with several names once, a sparse one as what it takes, and nothing behind links', async (t) => {
    const folder = await makeFolder(t);
    const outside = await makeFolder(t);
    await writeFile(join(outside, 'large'), Buffer.alloc(3 * mebibyte, 1));
    await mkdir(join(folder, 'deep/er'), { recursive: true });
    await writeFile(join(folder, 'deep/er/one'), Buffer.alloc(mebibyte, 1));
    await link(join(folder, 'deep/er/one'), join(folder, 'again'));
    await writeFile(join(folder, 'sparse'), '');
    await truncate(join(folder, 'sparse'), 10 * 2 ** 30);
    await symlink(outside, join(folder, 'link'));
    const second = await makeFolder(t);
    await writeFile(join(second, 'a\nnew line'), Buffer.alloc(mebibyte, 1));
    close(await measureDisk([folder], t.signal), mebibyte);
    close(await measureDisk([folder, second, join(folder, 'missing')], t.signal), 2 * mebibyte);
    assert.equal(await measureDisk([join(folder, 'missing')], t.signal), 0);
  });

  it('is found below more folders than a path can name', async (t) => {
    const folder = await makeFolder(t);
    const name = 'd'.repeat(200);
    // Made from the bottom up, since no path is longer than 4096 bytes.
    let top = await mkdtemp(join(folder, 'part-'));
    await writeFile(join(top, 'bottom'), Buffer.alloc(mebibyte, 1));
    for (let depth = 0; depth < 40; depth++) {
      const above = await mkdtemp(join(folder, 'part-'));
      await rename(top, join(above, name));
      top = above;
    }
    assert.ok((await measureDisk([folder], t.signal)) > mebibyte);
    await rename(top, join(folder, 'top'));
  });

  it('is not waited for beyond the deadline', async (t) => {
    await assert.rejects(measureDisk([await makeFolder(t)], AbortSignal.abort()), { code: 'timeout' });
  });

  it('is read from the last line, whatever names come before', () => {
    assert.equal(parseTotal('5\t/a\n4096\ttotal\n9\ttotal\n'), 9);
    assert.throws(() => parseTotal(''), { code: 'internal' });
    assert.throws(() => parseTotal('5\t/a\n'), { code: 'internal' });
  });
});
