import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, readdir, readlink, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Problem } from '@bine/shared/problems';
import type { ProblemCode } from '@bine/shared/problems';
import { until } from '../../../../test/until.ts';
import { makeProject } from './project.fixture.ts';
import type { TestProject } from './project.fixture.ts';

const never = new AbortController().signal;
const path = (text: string) => text.split('/').filter(Boolean);
const move = (from: string, to: string, overwrite = false) => ({ from: path(from), to: path(to), overwrite });
const isProblem =
  (code: ProblemCode, why = /./) =>
  (error: unknown) =>
    error instanceof Problem && error.code === code && why.test(error.message);

let project: TestProject;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(async () => {
  await using _ = project;
  for (const start of await readdir(join(project.bin, '.incoming')).catch(() => [])) {
    assert.deepEqual(await readdir(join(project.bin, '.incoming', start)), [], 'nothing half-done is left');
  }
});

describe('describing', () => {
  it('tells files, folders, links inside and links out apart', async () => {
    await project.make({ 'a.txt': 'four', 'sub/b.txt': '' });
    await symlink('a.txt', join(project.files, 'link'));
    await symlink('/etc/passwd', join(project.files, 'out'));
    await symlink('nowhere', join(project.files, 'dangling'));
    execFileSync('mkfifo', [join(project.files, 'pipe')]);
    const entries = await project.folder.list([]);
    const described = entries.map(({ name, type, size, link }) => [name, type, size, link]);
    assert.deepEqual(
      new Set(described),
      new Set([
        ['a.txt', 'file', 4, false],
        ['dangling', 'symlink', 0, false],
        ['link', 'file', 4, true],
        ['out', 'symlink', 0, false],
        ['pipe', 'other', 0, false],
        ['sub', 'directory', 0, false],
      ]),
    );
    for (const { name, ...entry } of entries) assert.deepEqual(await project.folder.stat([name]), entry);
  });

  it('leaves out names that no path can say', async () => {
    execFileSync('sh', ['-c', 'touch "$1/$(printf "\\377")"', 'sh', project.files]);
    await project.make({ 'ü.txt': '' });
    assert.deepEqual(
      (await project.folder.list([])).map(({ name }) => name),
      ['ü.txt'],
    );
  });

  it('gives a new version with every change of the bytes, also one that keeps size and time', async () => {
    await project.make({ a: 'one' });
    const { version } = await project.folder.stat(['a']);
    const { atime, mtime } = await stat(join(project.files, 'a'));
    await project.make({ a: 'two' });
    await utimes(join(project.files, 'a'), atime, mtime);
    assert.notEqual((await project.folder.stat(['a'])).version, version);
  });

  it('says what is missing or is no folder', async () => {
    await project.make({ a: '' });
    await assert.rejects(project.folder.stat(['no']), isProblem('not-found', /"no" does not exist/));
    await assert.rejects(project.folder.stat(path('no/b')), isProblem('not-found', /no folder "no"/));
    await assert.rejects(project.folder.stat(path('a/b')), isProblem('not-found', /"a" is not a folder/));
    await assert.rejects(project.folder.list(['a']), isProblem('conflict', /not a folder/));
  });
});

describe('making folders', () => {
  it('makes the parents too, for the containers to write in, and leaves what is there', async () => {
    await project.make({ 'a/kept': 'x' });
    await project.folder.mkdir(path('a/b/c'));
    await project.folder.mkdir(path('a/b/c'));
    assert.equal(await project.read('a/kept'), 'x');
    const { uid } = await stat(join(project.files, 'a/b/c'));
    assert.equal(uid, process.getuid?.() === 0 ? 1000 : process.getuid?.());
  });

  it('is refused where a file stands in the way', async () => {
    await project.make({ a: '' });
    await assert.rejects(project.folder.mkdir(['a']), isProblem('already-exists', /not a folder/));
    await assert.rejects(project.folder.mkdir(path('a/b')), isProblem('already-exists', /"a"/));
  });

  it('is the same for two at once', async () => {
    await Promise.all(Array.from({ length: 10 }, () => project.folder.mkdir(path('x/y/z'))));
    assert.ok((await stat(join(project.files, 'x/y/z'))).isDirectory());
  });
});

describe('renaming', () => {
  it('moves files, folders and links as they are', async () => {
    await project.make({ a: '1', 'dir/b': '2', 'to/c': '3' });
    await symlink('/etc/passwd', join(project.files, 'link'));
    await project.folder.rename(move('a', 'to/a'), never);
    await project.folder.rename(move('dir', 'to/dir'), never);
    await project.folder.rename(move('link', 'to/link'), never);
    assert.deepEqual([await project.read('to/a'), await project.read('to/dir/b')], ['1', '2']);
    assert.equal(await readlink(join(project.files, 'to/link')), '/etc/passwd');
    assert.deepEqual(await readdir(project.files), ['to']);
  });

  for (const [from, to] of [
    ['a', 'b'],
    ['a', 'dir'],
    ['dir', 'b'],
    ['dir', 'full'],
    ['dir', 'empty'],
  ] as const) {
    it(`never puts ${from} over ${to} unless it is told to`, async () => {
      await project.make({ a: 'a', b: 'b', 'dir/x': 'x', 'full/y': 'y' });
      await mkdir(join(project.files, 'empty'));
      const before = (await readdir(project.files, { recursive: true })).sort();
      await assert.rejects(project.folder.rename(move(from, to), never), isProblem('already-exists', new RegExp(`"${to}" exists already`)));
      assert.deepEqual((await readdir(project.files, { recursive: true })).sort(), before);

      await project.folder.rename(move(from, to, true), never);
      assert.ok(!existsSync(join(project.files, from)));
      const binned = (await project.folder.listBin()).map((one) => one.path);
      assert.deepEqual(binned, from === 'a' && to === 'b' ? [] : [to], 'what a folder takes the place of can be restored');
    });
  }

  it('lets exactly one of many have a name', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `from-${index}`);
    await project.make(Object.fromEntries(names.map((name) => [name, name])));
    const results = await Promise.allSettled(names.map((name) => project.folder.rename(move(name, 'to'), never)));
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal((await readdir(project.files)).length, 12);
    assert.equal(await project.read('to'), names[results.findIndex(({ status }) => status === 'fulfilled')]);
  });

  it('is refused into itself, over what contains it, and of the project itself', async () => {
    await project.make({ 'a/b/c': '' });
    await symlink('a', join(project.files, 'alias'));
    await assert.rejects(project.folder.rename(move('a', 'a/b/a'), never), isProblem('conflict', /contains the other/));
    await assert.rejects(project.folder.rename(move('a', 'alias/b/a'), never), isProblem('conflict', /contains the other/));
    await assert.rejects(project.folder.rename(move('a/b', 'a', true), never), isProblem('conflict', /contains the other/));
    await assert.rejects(project.folder.rename(move('', 'b'), never), isProblem('path-refused', /project's folder/));
    await assert.rejects(project.folder.rename(move('a', '', true), never), isProblem('path-refused', /project's folder/));
    await project.folder.rename(move('a', 'a'), never);
    assert.equal(await project.read('a/b/c'), '');
  });

  it('says which name is missing', async () => {
    await project.make({ a: '' });
    await assert.rejects(project.folder.rename(move('no', 'b'), never), isProblem('not-found', /"no" does not exist/));
    await assert.rejects(project.folder.rename(move('a', 'no/b'), never), isProblem('not-found', /no folder "no"/));
  });
});

describe('copying', () => {
  it('copies a folder with all in it, links as links, and leaves sockets and pipes', async () => {
    await project.make({ 'a/run.sh': '#!/bin/sh', 'a/sub/data': 'x'.repeat(3_000_000) });
    await chmod(join(project.files, 'a/run.sh'), 0o755);
    await chmod(join(project.files, 'a/sub'), 0o555);
    await symlink('../../nowhere', join(project.files, 'a/out'));
    execFileSync('mkfifo', [join(project.files, 'a/pipe')]);
    await project.folder.copy(move('a', 'b'), never);
    assert.deepEqual((await readdir(join(project.files, 'b'), { recursive: true })).sort(), ['out', 'run.sh', 'sub', 'sub/data']);
    assert.equal(await readlink(join(project.files, 'b/out')), '../../nowhere');
    assert.equal(await project.read('b/sub/data'), await project.read('a/sub/data'));
    const { uid } = await lstat(join(project.files, 'b/out'));
    const [script, sub] = await Promise.all(['b/run.sh', 'b/sub'].map((one) => stat(join(project.files, one))));
    assert.deepEqual([script!.mode & 0o777, sub!.mode & 0o777, uid], [0o755, 0o555, script!.uid]);
  });

  it('copies a folder into itself once', async () => {
    await project.make({ 'a/x': '1' });
    await project.folder.copy(move('a', 'a/copy'), never);
    assert.deepEqual((await readdir(join(project.files, 'a'), { recursive: true })).sort(), ['copy', 'copy/x', 'x']);
  });

  it('is cancelled in the middle and leaves nothing', async () => {
    await project.make(Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`a/${index}`, 'x'])));
    const cancel = new AbortController();
    const copying = project.folder.copy(move('a', 'b'), cancel.signal);
    setImmediate(() => cancel.abort());
    await assert.rejects(copying, isProblem('cancelled', /stays as it was/));
    assert.deepEqual(await readdir(project.files), ['a']);
  });

  it('overwrites only when it is told to, and keeps a folder that it replaces in the bin', async () => {
    await project.make({ 'a/x': 'new', 'b/x': 'old' });
    await assert.rejects(project.folder.copy(move('a', 'b'), never), isProblem('already-exists'));
    await project.folder.copy(move('a', 'b', true), never);
    assert.equal(await project.read('b/x'), 'new');
    const [binned] = await project.folder.listBin();
    await project.folder.restore(binned!.id, ['old-b'], never);
    assert.equal(await project.read('old-b/x'), 'old');
  });

  it('is refused for a pipe, and so is moving one', async () => {
    execFileSync('mkfifo', [join(project.files, 'pipe')]);
    await assert.rejects(project.folder.copy(move('pipe', 'b'), never), isProblem('path-refused', /"pipe" is/));
    await assert.rejects(project.folder.rename(move('pipe', 'b'), never), isProblem('path-refused', /"pipe" is/));
  });
});

describe('the bin', () => {
  it('takes what is deleted and gives it back, with the folders that it was in', async () => {
    await project.make({ 'a/b/c': 'x', d: 'y' });
    const folder = await project.folder.putAway(path('a/b'), never);
    const file = await project.folder.putAway(['d'], never);
    await project.folder.discard(['a'], never);
    assert.deepEqual(await readdir(project.files), []);
    const binned = (await project.folder.listBin()).map(({ id, path, type }) => [id, path, type]);
    assert.deepEqual(
      new Set(binned),
      new Set([
        [folder, 'a/b', 'directory'],
        [file, 'd', 'file'],
      ]),
    );
    await project.folder.restore(folder, path('a/b'), never);
    assert.equal(await project.read('a/b/c'), 'x');
    assert.deepEqual(
      (await project.folder.listBin()).map(({ id }) => id),
      [file],
    );
  });

  it('says what to do when the name is taken again, and keeps what it has', async () => {
    await project.make({ a: 'old' });
    const id = await project.folder.putAway(['a'], never);
    await project.make({ a: 'new' });
    await assert.rejects(project.folder.restore(id, ['a'], never), isProblem('already-exists', /Rename or delete that one/));
    assert.equal(await project.read('a'), 'new');
    assert.equal((await project.folder.findBinned(id)).path, 'a');
  });

  it('is emptied for good', async () => {
    await project.make({ 'a/b/c': 'x', d: 'y' });
    await project.folder.putAway(['a'], never);
    await project.folder.putAway(['d'], never);
    await project.folder.emptyBin(never);
    assert.deepEqual([await project.folder.listBin(), await readdir(project.bin)], [[], ['.incoming']]);
  });

  it('takes links themselves, never what they lead to', async () => {
    await project.make({ 'a/b': 'x' });
    await symlink('a', join(project.files, 'link'));
    await project.folder.discard(['link'], never);
    assert.equal(await project.read('a/b'), 'x');
  });

  for (const id of ['', '..', '.incoming', '../files', 'nosuchthing00000']) {
    it(`has nothing with the id ${JSON.stringify(id)}`, async () => {
      await assert.rejects(project.folder.findBinned(id), isProblem('not-found', /in the bin/));
    });
  }

  it("never takes the project's folder itself", async () => {
    await assert.rejects(project.folder.putAway([], never), isProblem('path-refused', /delete the project/));
    await assert.rejects(project.folder.discard([], never), isProblem('path-refused', /delete the project/));
  });
});

describe('deleting for good', () => {
  it('manages a tree deeper than any path, with folders that may not be written', async () => {
    const script =
      'import os,sys\nos.chdir(sys.argv[1])\nfor i in range(1000):\n    os.mkdir("deeper"); os.chdir("deeper")\nopen("leaf","w")';
    execFileSync('python3', ['-c', script, project.files]);
    await chmod(join(project.files, 'deeper/deeper'), 0o500);
    await project.folder.discard(['deeper'], never);
    assert.deepEqual(await readdir(project.files), []);
  });

  it('clears at the next start what was left when the gateway was killed', async () => {
    await mkdir(join(project.bin, '.incoming/earlier/tree/sub'), { recursive: true });
    await writeFile(join(project.bin, '.incoming/earlier/half-an-upload'), 'x');
    await project.make({ a: '' });
    await project.folder.discard(['a'], never);
    const incoming = join(project.bin, '.incoming');
    // It is cleared beside other work, so there is other work until it is.
    const work = async (isOver: () => boolean | Promise<boolean>) => {
      await project.folder.list([]);
      return isOver();
    };
    await until(() => work(() => !existsSync(join(incoming, 'earlier'))), 'the earlier start to be cleared', { everyMs: 0 });
    // It was moved into this start's own folder, which stays, and is deleted there.
    const [start, ...others] = await readdir(incoming);
    assert.deepEqual(others, []);
    const isEmpty = async () => (await readdir(join(incoming, start!))).length === 0;
    await until(() => work(isEmpty), 'what it left to be deleted', { everyMs: 0 });
  });
});
