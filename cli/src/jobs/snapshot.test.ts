import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { localFolder } from './local-folder.ts';
import { type SnapshotOptions, takeSnapshot } from './snapshot.ts';

const { signal } = new AbortController();
const hash = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');

async function folderOf(files: Record<string, string | Uint8Array>) {
  const root = await mkdtemp(join(tmpdir(), 'bine-snapshot-'));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  return { root, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}

const take = (root: string, options: Partial<SnapshotOptions> = {}) =>
  takeSnapshot({ folder: localFolder(root), program: 'train.py', signal, ...options });
const pathsOf = ({ entries }: Awaited<ReturnType<typeof take>>) => entries.map(({ path }) => path);

describe('a snapshot of a folder', () => {
  it('has files by their content, binary ones too, with modes, and folders without files', async () => {
    const binary = Uint8Array.from({ length: 256 }, (_, index) => index);
    await using folder = await folderOf({ 'train.py': 'print(1)\n', 'bin/data.bin': binary, 'run.sh': '#!/bin/sh\n' });
    await mkdir(join(folder.root, 'empty'));
    await chmod(join(folder.root, 'run.sh'), 0o750);
    await chmod(join(folder.root, 'bin'), 0o700);
    await chmod(join(folder.root, 'empty'), 0o755);
    await chmod(join(folder.root, 'train.py'), 0o644);
    await chmod(join(folder.root, 'bin/data.bin'), 0o600);
    const { entries, bytes } = await take(folder.root);
    assert.deepEqual(entries, [
      { path: 'bin', type: 'directory', mode: 0o700 },
      { path: 'bin/data.bin', type: 'file', mode: 0o600, sha256: hash(binary), size: 256 },
      { path: 'empty', type: 'directory', mode: 0o755 },
      { path: 'run.sh', type: 'file', mode: 0o750, sha256: hash('#!/bin/sh\n'), size: 10 },
      { path: 'train.py', type: 'file', mode: 0o644, sha256: hash('print(1)\n'), size: 9 },
    ]);
    assert.equal(bytes, 275);
  });

  it('has what the editor holds in place of what is on the disk', async () => {
    await using folder = await folderOf({ 'train.py': 'old', 'lib/a.py': 'saved' });
    const unsaved = new Map([['train.py', new TextEncoder().encode('new text')]]);
    const snapshot = await take(folder.root, { unsaved });
    const entry = snapshot.entries.find(({ path }) => path === 'train.py')!;
    assert.deepEqual(entry, { ...entry, sha256: hash('new text'), size: 8 });
    assert.equal(await (await snapshot.contents.get(hash('new text'))!()).text(), 'new text');
  });

  it('has a program that only the editor still holds', async () => {
    await using folder = await folderOf({ 'other.py': '' });
    const snapshot = await take(folder.root, { unsaved: new Map([['train.py', new TextEncoder().encode('x')]]) });
    assert.deepEqual(pathsOf(snapshot), ['other.py', 'train.py']);
  });

  it('sends equal contents once', async () => {
    await using folder = await folderOf({ 'train.py': 'same', 'copy.py': 'same' });
    const { entries, contents } = await take(folder.root);
    assert.deepEqual([entries.length, contents.size], [2, 1]);
  });

  it('follows links to files, and not those to folders or into nothing', async () => {
    await using folder = await folderOf({ 'train.py': 'x' });
    await symlink('train.py', join(folder.root, 'link.py'));
    await symlink('.', join(folder.root, 'loop'));
    await symlink('nowhere', join(folder.root, 'broken'));
    assert.deepEqual(pathsOf(await take(folder.root)), ['link.py', 'train.py']);
  });
});

describe('what is ignored', () => {
  const cases: [what: string, files: Record<string, string>, paths: string[]][] = [
    ['by name and by pattern', { '.gitignore': '*.csv\nout/\n', 'a.csv': '', 'out/x': '' }, ['.gitignore', 'train.py']],
    [
      'except what is taken back',
      { '.gitignore': '*.csv\n!keep.csv\n', 'a.csv': '', 'keep.csv': '' },
      ['.gitignore', 'keep.csv', 'train.py'],
    ],
    ['from a folder on', { 'sub/.gitignore': '/a.txt\n', 'sub/a.txt': '', 'a.txt': '' }, ['a.txt', 'sub', 'sub/.gitignore', 'train.py']],
    [
      'unless a deeper file takes it back',
      { '.gitignore': '*.log\n', 'sub/.gitignore': '!*.log\n', 'sub/a.log': '', 'a.log': '' },
      ['.gitignore', 'sub', 'sub/.gitignore', 'sub/a.log', 'train.py'],
    ],
    ['always: git itself, caches, virtual environments', { '.git/HEAD': '', '__pycache__/a.pyc': '', 'venv/pyvenv.cfg': '' }, ['train.py']],
  ];
  for (const [what, files, paths] of cases) {
    it(`stays behind ${what}`, async () => {
      await using folder = await folderOf({ 'train.py': '', ...files });
      assert.deepEqual(pathsOf(await take(folder.root)), paths);
    });
  }

  it('goes along when it is the program itself', async () => {
    await using folder = await folderOf({ '.gitignore': 'scratch/\n', 'scratch/try.py': '', 'scratch/other.py': '' });
    const { entries } = await take(folder.root, { program: 'scratch/try.py' });
    assert.ok(entries.some(({ path }) => path === 'scratch/try.py'));
  });

  it('is what the unsaved .gitignore says', async () => {
    await using folder = await folderOf({ 'train.py': '', '.gitignore': '', 'a.csv': '' });
    const snapshot = await take(folder.root, { unsaved: new Map([['.gitignore', new TextEncoder().encode('*.csv')]]) });
    assert.deepEqual(pathsOf(snapshot), ['.gitignore', 'train.py']);
  });
});

describe('a folder that cannot be taken', () => {
  it('is refused by its size, with the part that is big and what to do', async () => {
    await using folder = await folderOf({ 'train.py': 'x', 'data/big.bin': 'y'.repeat(3000) });
    await assert.rejects(take(folder.root, { limits: { entries: 10, bytes: 1000 } }), (error: Error) => {
      assert.match(error.message, /most of it in "data"\. Put that into \.gitignore; upload data into the project/);
      return true;
    });
  });

  it('is refused by the number of its files', async () => {
    await using folder = await folderOf({ 'train.py': '', a: '', b: '' });
    await assert.rejects(take(folder.root, { limits: { entries: 2, bytes: 1000 } }), /more than 2 files/);
  });

  it('is told by the program that is not there', async () => {
    await using folder = await folderOf({ 'other.py': '' });
    await assert.rejects(take(folder.root), /There is no file "train.py" in bine-snapshot-/);
  });

  it('is left as soon as the user cancels', async () => {
    await using folder = await folderOf({ 'train.py': '' });
    await assert.rejects(take(folder.root, { signal: AbortSignal.abort() }), { name: 'AbortError' });
  });
});
