import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createDisk } from '../../adapters/disk/disk.ts';
import { listResults } from './results.ts';

describe('the results of an execution', () => {
  let root: string;
  const at = (files: string) =>
    createDisk().folder({ files, bin: `${files}.bin`, owner: { uid: process.getuid!(), gid: process.getgid!() } });
  const folders = () => ({ results: at(root), folder: at(join(root, 'nowhere')) });

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'bine-results-'));
    await mkdir(join(root, 'deep', 'er'), { recursive: true });
    const names = Array.from({ length: 3000 }, (_, at) => `part-${String(at).padStart(5, '0')}`);
    for (const name of [...names, 'deep/er/x', 'A', 'back\\slash', 'Icon\r', 'two\nlines']) await writeFile(join(root, name), '1');
    await symlink('nowhere', join(root, 'dangling'));
  });
  after(() => rm(root, { recursive: true, force: true }));

  it('are listed by path, with how many there are, and those that cannot be named', async () => {
    const { results, total, unnameable } = await listResults(folders(), { after: '', limit: 1000 });
    assert.equal(results.length, 1000);
    assert.deepEqual(
      results.slice(0, 3).map(({ path }) => path),
      ['A', 'deep/er/x', 'part-00000'],
    );
    assert.equal(total, 3002);
    assert.deepEqual(unnameable.sort(), ['Icon\r', 'back\\slash', 'two\nlines']);
  });

  it('can all be had, page by page', async () => {
    const seen: string[] = [];
    for (;;) {
      const { results, total } = await listResults(folders(), { after: seen.at(-1) ?? '', limit: 700 });
      if (results.length === 0) {
        assert.equal(seen.length, total);
        break;
      }
      seen.push(...results.map(({ path }) => path));
    }
    assert.deepEqual(seen, [...new Set(seen)].sort());
  });
});
