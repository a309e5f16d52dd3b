import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readFile, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { keepChanged, markFilled } from './kept-files.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A folder with those files, as a program is given them; the clock of the file system has moved on since. */
async function filled(t: TestContext, files: Record<string, string>) {
  const root = await mkdtemp(join(tmpdir(), 'bine-kept-'));
  t.after(() => rm(root, { recursive: true }));
  const [folder, target, mark] = [join(root, 'snapshot'), join(root, 'kept'), join(root, 'filled')];
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  await mkdir(folder);
  for (const [path, text] of Object.entries(files)) await write(path, text);
  await markFilled(mark);
  // Its clock moves in steps of some milliseconds.
  const since = Date.now();
  while (Date.now() < since + 50) await writeFile(join(root, 'clock'), '');
  const given = new Map(Object.entries(files).map(([path, text]) => [path, { sha256: sha256(text), size: text.length }]));
  const keep = (most = { files: 100, bytes: 1000 }) => keepChanged({ folder, target, mark, given, most });
  const kept = async () => {
    const found = await readdir(target, { recursive: true, withFileTypes: true });
    return found.flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name).slice(target.length + 1)] : [])).sort();
  };
  return { folder, target, write, keep, kept };
}

describe('what a program wrote into its folder', () => {
  it('is kept where it is new or has other bytes, with the folders around it', async (t) => {
    const { folder, target, write, keep, kept } = await filled(t, {
      'same.txt': '1',
      'touched.txt': '2',
      'longer.csv': '3',
      'a/other.csv': '4',
    });
    await write('touched.txt', '2');
    await appendFile(join(folder, 'longer.csv'), '3');
    await write('a/other.csv', '5');
    await write('a/b/new.bin', 'new');
    // Also where it says that it is old.
    await utimes(join(folder, 'a/b/new.bin'), 1, 1);
    assert.deepEqual(await keep(), { files: 3, bytes: 6, left: { files: 0, bytes: 0 } });
    assert.deepEqual(await kept(), ['a/b/new.bin', 'a/other.csv', 'longer.csv']);
    assert.equal(await readFile(join(target, 'longer.csv'), 'utf8'), '33');
    assert.deepEqual(await keep(), { files: 0, bytes: 0, left: { files: 0, bytes: 0 } });
  });

  it('is not kept where it is a cache, or a link to something else', async (t) => {
    const { folder, write, keep, kept } = await filled(t, { 'a.py': '' });
    for (const cache of ['__pycache__/a.pyc', 'deep/__pycache__/b.pyc', '.pytest_cache/v', '.ipynb_checkpoints/x.ipynb'])
      await write(cache, 'x');
    await symlink('/etc/passwd', join(folder, 'link.txt'));
    await symlink('/etc', join(folder, 'folder'));
    await write('model.pt', 'x');
    await keep();
    assert.deepEqual(await kept(), ['model.pt']);
  });

  it('is kept up to a number and a size, and what is beyond them is counted', async (t) => {
    const { write, keep, kept } = await filled(t, {});
    for (let at = 0; at < 5; at++) await write(`part-${at}`, '0123456789');
    const byNumber = await keep({ files: 2, bytes: 1000 });
    assert.deepEqual([byNumber.files, byNumber.left], [2, { files: 3, bytes: 30 }]);
    const bySize = await keep({ files: 100, bytes: 15 });
    assert.deepEqual([bySize.files, bySize.left], [1, { files: 2, bytes: 20 }]);
    assert.equal((await kept()).length, 3);
  });

  it('is nothing where the folder is gone, or was never filled', async (t) => {
    const { folder, keep } = await filled(t, {});
    await rm(folder, { recursive: true });
    assert.deepEqual(await keep(), { files: 0, bytes: 0, left: { files: 0, bytes: 0 } });
  });
});
