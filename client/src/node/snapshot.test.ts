import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
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

  it('follows links, and names those that lead nowhere or in a circle', async () => {
    await using folder = await folderOf({ 'train.py': 'x' });
    await symlink('train.py', join(folder.root, 'link.py'));
    await symlink('.', join(folder.root, 'loop'));
    await symlink('nowhere', join(folder.root, 'broken'));
    const snapshot = await take(folder.root);
    assert.deepEqual(pathsOf(snapshot), ['link.py', 'train.py']);
    assert.deepEqual(snapshot.warnings, [
      'Left out (1), a link that leads nowhere: broken.',
      'Left out (1), links to a folder around themselves: loop.',
    ]);
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

const sh = (root: string, script: string) =>
  execFileSync('sh', ['-ec', script], {
    cwd: root,
    env: { ...process.env, GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b.c', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b.c' },
  }).toString();
const filesOf = ({ entries }: Awaited<ReturnType<typeof take>>) => entries.flatMap(({ path, type }) => (type === 'file' ? [path] : []));

/** What the repository's own Git lists, as files that exist. */
const listed = (root: string) => sh(root, 'git ls-files -z -co --exclude-standard').split('\0').filter(Boolean).sort();

describe('a snapshot of a repository', () => {
  const begin = 'git init -q . && git config core.quotepath true';
  const cases: [what: string, script: string][] = [
    [
      'rules that tell upper from lower case',
      "printf 'models/\n*.csv\n' > .gitignore; mkdir -p models Models; touch models/x Models/__init__.py a.csv A.CSV",
    ],
    ['rules that do not', "git config core.ignorecase true; printf 'models/\n*.csv\n' > .gitignore; mkdir Models; touch Models/x A.CSV"],
    [
      'a tracked file in an ignored folder',
      'echo data/ > .gitignore; mkdir data; touch data/tracked.csv data/other.csv; git add -f data/tracked.csv',
    ],
    [
      'nested rules that take back',
      "printf '*.log\n' > .gitignore; mkdir sub; printf '!keep.log\n' > sub/.gitignore; touch a.log sub/keep.log sub/b.log",
    ],
    ['.git/info/exclude', 'mkdir -p .git/info; echo secret.txt > .git/info/exclude; touch secret.txt'],
    ['excludes of the user', 'git config core.excludesFile "$PWD/mine"; echo \'*.tmp\' > mine; touch a.tmp'],
    ['names with blanks and letters of the world', "touch 'a b.py' ' lead' 'trail ' 'Übung.py' 'emoji 😀' '#hash' '!bang' '*star'"],
    ['a pattern with blanks at its end', "printf 'a \n' > .gitignore; touch a"],
    ['files that were deleted', 'touch gone kept; git add .; rm gone'],
    [
      'a conflict',
      'touch f; git add .; git commit -qm 1; git checkout -qb o; echo o > f; git commit -qam o; git checkout -q -; echo m > f; git commit -qam m; git merge -q o || true',
    ],
    ['folders taken back out of an ignored one', "printf '/*\n!/train.py\n!/src/\n' > .gitignore; mkdir src other; touch src/a other/b"],
    ['caches that it tracks', 'mkdir __pycache__; touch __pycache__/kept.pyc; git add -f __pycache__/kept.pyc'],
  ];
  for (const [what, script] of cases) {
    it(`has what Git lists: ${what}`, async () => {
      await using folder = await folderOf({ 'train.py': '' });
      sh(folder.root, `${begin}; ${script}`);
      const present = listed(folder.root).filter((path) => existsSync(join(folder.root, path)));
      assert.deepEqual(filesOf(await take(folder.root)).sort(), [...new Set(present)]);
    });
  }

  it('names what Git ignores, and says nothing of caches and virtual environments', async () => {
    await using folder = await folderOf({
      'train.py': '',
      '.gitignore': 'data/\n.venv/\n*.csv\n',
      'data/x': '',
      'a.csv': '',
      '.venv/pyvenv.cfg': '',
      '__pycache__/a.pyc': '',
    });
    sh(folder.root, begin);
    const { warnings } = await take(folder.root);
    assert.deepEqual(warnings, ['Left out (2), because Git ignores them: a.csv, data/.']);
  });

  it('follows linked packages that stay inside, and names links that do not', async () => {
    await using elsewhere = await folderOf({ 'secret.txt': 'x' });
    await using folder = await folderOf({
      'train.py': '',
      'src/pkg/__init__.py': '1',
      'src/pkg/sub/a.py': '2',
      'ignored/x': '',
      '.gitignore': 'ignored/\n',
    });
    await symlink('src/pkg', join(folder.root, 'pkg'));
    await symlink('../pkg', join(folder.root, 'src', 'twice'));
    await symlink(elsewhere.root, join(folder.root, 'out'));
    await symlink(join(elsewhere.root, 'secret.txt'), join(folder.root, 'secret.txt'));
    await symlink('ignored', join(folder.root, 'data'));
    sh(folder.root, begin);
    const snapshot = await take(folder.root);
    assert.deepEqual(filesOf(snapshot), [
      '.gitignore',
      'pkg/__init__.py',
      'pkg/sub/a.py',
      'src/pkg/__init__.py',
      'src/pkg/sub/a.py',
      'src/twice/__init__.py',
      'src/twice/sub/a.py',
      'train.py',
    ]);
    assert.deepEqual(snapshot.warnings.sort(), [
      'Left out (1), because Git ignores them: ignored/.',
      'Left out (1), links to what Git ignores: data.',
      'Left out (2), links that lead out of the folder: out, secret.txt.',
    ]);
  });

  it('has the files of submodules and of repositories in it, and names submodules that are not checked out', async () => {
    await using other = await folderOf({ 'lib.py': '1', '.gitignore': 'skip\n', skip: '' });
    sh(other.root, `${begin}; git add .; git commit -qm 1`);
    await using folder = await folderOf({ 'train.py': '', 'nested/n.py': '' });
    sh(
      folder.root,
      `${begin}; git -c protocol.file.allow=always submodule --quiet add ${other.root} mod; touch mod/skip mod/new.py; git init -q nested`,
    );
    assert.deepEqual(filesOf(await take(folder.root)), [
      '.gitmodules',
      'mod/.gitignore',
      'mod/lib.py',
      'mod/new.py',
      'nested/n.py',
      'train.py',
    ]);
    sh(folder.root, 'git submodule --quiet deinit -f mod');
    assert.deepEqual((await take(folder.root)).warnings, ['Left out (1), submodules that are not checked out: mod.']);
  });

  it('names what a sparse checkout lacks', async () => {
    await using folder = await folderOf({ 'train.py': '', 'big/x': '', 'small/y': '' });
    sh(folder.root, `${begin}; git add .; git commit -qm 1; git sparse-checkout set small`);
    const snapshot = await take(folder.root);
    assert.deepEqual(filesOf(snapshot), ['small/y', 'train.py']);
    assert.deepEqual(snapshot.warnings, ['Left out (1), not in the sparse checkout: big/x.']);
  });

  it('is the same of a worktree, of a folder in the repository, and under the variables of a hook', async (t) => {
    await using folder = await folderOf({ 'train.py': '', 'app/train.py': '', 'app/skip.csv': '', '.gitignore': '*.csv\n' });
    sh(folder.root, `${begin}; git add .; git commit -qm 1; git worktree add -q tree`);
    process.env.GIT_DIR = '/nowhere';
    t.after(() => delete process.env.GIT_DIR);
    assert.deepEqual(filesOf(await take(join(folder.root, 'tree'))), ['.gitignore', 'app/train.py', 'train.py']);
    assert.deepEqual(filesOf(await take(join(folder.root, 'app'))), ['train.py']);
  });

  it('keeps empty folders, which a program may write to', async () => {
    await using folder = await folderOf({ 'train.py': '' });
    await mkdir(join(folder.root, 'out'));
    sh(folder.root, begin);
    assert.deepEqual(pathsOf(await take(folder.root)), ['out', 'train.py']);
  });

  it('says so when Git does not read the repository', async () => {
    await using folder = await folderOf({ 'train.py': '', '.git/HEAD': 'nonsense', '.gitignore': '*.csv', 'a.csv': '' });
    const snapshot = await take(folder.root);
    assert.deepEqual(filesOf(snapshot), ['.gitignore', 'train.py']);
    assert.match(snapshot.warnings.join(), /in the place of Git \(fatal: not a git repository/);
  });
});

describe('odd entries of a folder', () => {
  it('are left out and named, whatever their names and kinds', async () => {
    await using folder = await folderOf({
      'train.py': '',
      'Icon\r': '',
      'back\\slash': '',
      'new\nline': '',
      'a%2e%2e%2fb/..%2f': '',
      fine: '',
    });
    const names = [Buffer.from([0x62, 0xff, 0x64])];
    for (const name of names) await writeFile(Buffer.concat([Buffer.from(`${folder.root}/`), name]), '');
    sh(folder.root, 'mkfifo pipe');
    for (const inGit of [false, true]) {
      if (inGit) sh(folder.root, 'git init -q .');
      const snapshot = await take(folder.root);
      assert.deepEqual(filesOf(snapshot), ['fine', 'train.py']);
      const said = snapshot.warnings.join(' ');
      for (const name of ['"Icon\\r"', '"back\\\\slash"', '"new\\nline"', 'pipe', '"b\uFFFDd"'])
        assert.ok(said.includes(name), `${name} in ${said}`);
    }
  });

  it('do not tell upper from lower case where there is no Git, either', async () => {
    await using folder = await folderOf({
      'train.py': '',
      '.gitignore': 'models/\n*.csv\n',
      'Models/__init__.py': '',
      'A.CSV': '',
      'a.csv': '',
      'models/m': '',
    });
    const snapshot = await take(folder.root);
    assert.deepEqual(filesOf(snapshot), ['.gitignore', 'A.CSV', 'Models/__init__.py', 'train.py']);
    assert.deepEqual(snapshot.warnings, ['Left out (2), because .gitignore names them: a.csv, models/.']);
  });
});
