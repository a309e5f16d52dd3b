/** A day with a repository: checked out, changed, committed, pushed, pulled, against a real server. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { GitOperation } from '@bine/shared';
import type { Problem } from '@bine/shared/problems';
import { startGitServer } from '../../../../test/git-server/server.ts';
import type { GitServer } from '../../../../test/git-server/server.ts';
import { startWorld } from './world.fixture.ts';

const at = { project: 'p', repository: 'demo' };
const never = new AbortController().signal;

describe('a repository of a server', { timeout: 600_000 }, () => {
  let server: GitServer;
  before(async () => {
    server = await startGitServer();
  });
  after(() => server[Symbol.asyncDispose]());

  async function startWithClone(t: TestContext, name: string) {
    const world = await startWorld(t, { ca: server.ca });
    const url = await server.repository(name, { 'readme.md': 'one\n', 'src/train.py': 'print(1)\n' });
    await world.git.setCredential('ann', { host: server.host, username: '', token: server.token });
    const done = await world.ended(await world.git.clone({ project: 'p', url, path: 'demo' }, 'ann'));
    assert.equal(done.problem, null);
    return { ...world, name, url };
  }

  it('is checked out into a folder of the project, with its branch and its remote', async (t) => {
    const { git, files, staged, url, events } = await startWithClone(t, 'clone');
    assert.equal(await readFile(join(files, 'demo/src/train.py'), 'utf8'), 'print(1)\n');
    assert.deepEqual(await git.repositories('p'), [{ path: 'demo', branch: 'main', remote: url }]);
    const status = await git.status(at, never);
    assert.deepEqual(
      {
        branch: status.branch,
        upstream: status.upstream,
        ahead: status.ahead,
        behind: status.behind,
        changes: status.changes,
        locked: status.locked,
      },
      { branch: 'main', upstream: 'origin/main', ahead: 0, behind: 0, changes: [], locked: null },
    );
    assert.deepEqual(await staged(), []);
    const told = events.filter(({ type }) => type.startsWith('git.')).map(({ type }) => type);
    assert.deepEqual(told, ['git.operation', 'git.changed', 'git.operation']);
  });

  it('gets what is committed and pushed here', async (t) => {
    const { git, write, ended, ann, name } = await startWithClone(t, 'push');
    await write('demo/src/train.py', 'print(2)\n');
    await write('demo/new file.txt', 'new\n');
    const looked = await git.status(at, never);
    assert.deepEqual(looked.changes, [{ path: 'src/train.py', status: 'modified', from: null }]);
    assert.deepEqual(looked.untracked, [{ path: 'new file.txt', status: 'untracked', from: null }]);
    const staged = await git.stage({ ...at, paths: ['src', 'new file.txt'] }, ann);
    assert.deepEqual(
      staged.staged.map(({ path, status }) => [path, status]),
      [
        ['new file.txt', 'added'],
        ['src/train.py', 'modified'],
      ],
    );
    const commit = await git.commit({ ...at, message: 'Print two\n\nIt is more.\n# not a comment', amend: false, all: false }, ann);
    assert.equal(commit.subject, 'Print two');
    assert.equal(commit.body, 'It is more.\n# not a comment');
    assert.deepEqual(commit.author, { name: 'Ann', email: 'ann@example.org' });
    assert.equal((await git.status(at, never)).ahead, 1);
    const pushed = await ended(await git.push({ ...at, force: false }, 'ann'));
    assert.equal(pushed.state, 'succeeded', JSON.stringify(pushed.problem));
    assert.equal((await server.git(name, 'rev-parse', 'main')).trim(), commit.hash);
    assert.equal((await git.status(at, never)).ahead, 0);
  });

  it('is pulled: forward, merged, rebased', async (t) => {
    const { git, write, ended, ann, name } = await startWithClone(t, 'pull');
    const pull = async (strategy: 'merge' | 'rebase' | 'fast-forward') => ended(await git.pull({ ...at, strategy }, 'ann'));
    const theirs = await server.commit(name, { 'other.txt': 'theirs\n' });
    assert.equal((await pull('fast-forward')).state, 'succeeded');
    assert.equal((await git.status(at, never)).head, theirs);

    await server.commit(name, { 'other.txt': 'theirs again\n' });
    await write('demo/mine.txt', 'mine\n');
    await git.commit({ ...at, message: 'Mine', amend: false, all: true }, ann);
    assert.equal((await pull('fast-forward')).problem?.code, 'conflict');
    assert.equal((await pull('merge')).state, 'succeeded');
    const [merged] = await git.log({ ...at, path: '', limit: 1, skip: 0 }, never);
    assert.equal(merged?.parents.length, 2);
    assert.equal(merged?.author.name, 'Ann');

    await server.commit(name, { 'other.txt': 'and again\n' });
    assert.equal((await pull('rebase')).state, 'succeeded');
    assert.equal((await git.status(at, never)).behind, 0);
  });

  it('in conflict after a pull can be aborted, or solved and committed; a rebase is undone at once', async (t) => {
    const { git, write, ended, ann, name } = await startWithClone(t, 'conflict');
    await server.commit(name, { 'readme.md': 'theirs\n' });
    await write('demo/readme.md', 'mine\n');
    await git.commit({ ...at, message: 'Mine', amend: false, all: true }, ann);
    const before = (await git.status(at, never)).head;

    const rebased = await ended(await git.pull({ ...at, strategy: 'rebase' }, 'ann'));
    assert.equal(rebased.problem?.code, 'conflict');
    assert.match(rebased.problem.detail, /readme\.md.*undone/);
    assert.deepEqual([(await git.status(at, never)).underway, (await git.status(at, never)).head], [null, before]);

    const pulled = await ended(await git.pull({ ...at, strategy: 'merge' }, 'ann'));
    assert.match(pulled.problem?.detail ?? '', /readme\.md.*under way/);
    const status = await git.status(at, never);
    assert.equal(status.underway, 'merge');
    assert.match(status.message ?? '', /^Merge remote-tracking branch/);
    assert.deepEqual(status.conflicts, [{ path: 'readme.md', status: 'both-modified', from: null }]);
    await assert.rejects(git.discard({ ...at, paths: ['readme.md'] }, ann), (error: Problem) => error.code === 'conflict');
    assert.equal((await git.abort(at, ann)).underway, null);

    await ended(await git.pull({ ...at, strategy: 'merge' }, 'ann'));
    await write('demo/readme.md', 'both\n');
    await git.stage({ ...at, paths: ['readme.md'] }, ann);
    const commit = await git.commit({ ...at, message: 'Both', amend: false, all: false }, ann);
    assert.equal(commit.parents.length, 2);
    assert.equal((await git.status(at, never)).underway, null);
  });

  it('that went on elsewhere refuses a push, until it is pulled or forced', async (t) => {
    const { git, write, ended, ann, name } = await startWithClone(t, 'rejected');
    await server.commit(name, { 'other.txt': 'theirs\n' });
    await write('demo/mine.txt', 'mine\n');
    const mine = await git.commit({ ...at, message: 'Mine', amend: false, all: true }, ann);
    assert.deepEqual(codeIn(await ended(await git.push({ ...at, force: false }, 'ann'))), 'push-rejected');
    // What is there was never seen.
    assert.deepEqual(codeIn(await ended(await git.push({ ...at, force: true }, 'ann'))), 'push-rejected');
    assert.equal((await ended(await git.fetch(at, 'ann'))).state, 'succeeded');
    assert.equal((await git.status(at, never)).behind, 1);
    assert.equal((await ended(await git.push({ ...at, force: true }, 'ann'))).state, 'succeeded');
    assert.equal((await server.git(name, 'rev-parse', 'main')).trim(), mine.hash);
  });

  it('has branches: created, pushed with an upstream, checked out, renamed, deleted, and tags and stashes', async (t) => {
    const { git, write, ended, ann, name } = await startWithClone(t, 'branches');
    await server.commit(name, { 'b.txt': 'b\n' }, { branch: 'theirs' });
    await ended(await git.fetch(at, 'ann'));
    assert.equal((await git.checkout({ ...at, ref: 'theirs' }, ann)).upstream, 'origin/theirs');
    assert.equal((await git.createBranch({ ...at, name: 'feature/x', from: 'main', checkout: true }, ann)).branch, 'feature/x');
    await write('demo/x.txt', 'x\n');
    await git.commit({ ...at, message: 'X', amend: false, all: true }, ann);
    assert.equal((await ended(await git.push({ ...at, force: false }, 'ann'))).problem, null);
    assert.equal((await git.status(at, never)).upstream, 'origin/feature/x');
    assert.equal((await git.renameBranch({ ...at, name: 'feature/x', to: 'feature/y' }, ann)).branch, 'feature/y');
    const names = (await git.branches(at, never)).map((branch) => branch.name).sort();
    assert.deepEqual(names, ['feature/y', 'main', 'origin/feature/x', 'origin/main', 'origin/theirs', 'theirs']);
    await git.checkout({ ...at, ref: 'main' }, ann);
    // What was pushed is safe with the server, so Git deletes it; nothing else has commits of its own.
    assert.equal((await git.deleteBranch({ ...at, name: 'feature/y', force: false }, ann)).branch, 'main');
    await assert.rejects(git.deleteBranch({ ...at, name: 'main', force: true }, ann), (error: Problem) => error.code === 'conflict');
    await assert.rejects(git.createBranch({ ...at, name: '-d', checkout: true }, ann), (error: Problem) => error.code === 'invalid');
    await assert.rejects(git.checkout({ ...at, ref: '--orphan' }, ann), (error: Problem) => error.code === 'invalid');
    await assert.rejects(git.checkout({ ...at, ref: 'nowhere' }, ann), (error: Problem) => error.code === 'not-found');

    await write('demo/readme.md', 'changed\n');
    const stashed = await git.stash({ ...at, message: 'for later', untracked: true }, ann);
    assert.deepEqual(stashed.changes, []);
    assert.deepEqual(
      (await git.stashes(at, never)).map(({ index, message }) => [index, message]),
      [[0, 'for later']],
    );
    assert.equal((await git.applyStash({ ...at, index: 0, drop: true }, ann)).changes.length, 1);
    assert.deepEqual(await git.stashes(at, never), []);
    const detached = await git.checkout({ ...at, ref: 'HEAD~0' }, ann).catch((error: unknown) => error);
    assert.equal((detached as { branch: unknown }).branch, null);
  });

  it('shows a file as it is in a commit and as it is staged, and what changed in it', async (t) => {
    const { git, write, ann } = await startWithClone(t, 'content');
    await write('demo/readme.md', 'staged\n');
    await git.stage({ ...at, paths: ['readme.md'] }, ann);
    await write('demo/readme.md', 'changed\n');
    const read = async (ref: string) => {
      await using file = await git.content({ ...at, path: 'readme.md', ref }, never);
      return await text(file.stream());
    };
    assert.deepEqual([await read('HEAD'), await read('main'), await read('')], ['one\n', 'one\n', 'staged\n']);
    await assert.rejects(git.content({ ...at, path: 'missing', ref: 'HEAD' }, never), (error: Problem) => error.code === 'not-found');
    assert.match((await git.diff({ ...at, of: 'changes', path: '' }, never)).patch, /-staged\n\+changed/);
    assert.match((await git.diff({ ...at, of: 'staged', path: 'readme.md' }, never)).patch, /-one\n\+staged/);
    const unstaged = await git.unstage({ ...at, paths: [''] }, ann);
    assert.deepEqual([unstaged.staged.length, unstaged.changes.length], [0, 1]);
  });

  it('says for a job in which commit a file of it is, and whether anything was changed', async (t) => {
    const { git, write } = await startWithClone(t, 'state');
    const { head } = await git.status(at, never);
    assert.deepEqual(await git.stateOf('p', 'demo/src/train.py', never), { commit: head, dirty: false });
    await write('demo/new.txt', 'new\n');
    assert.deepEqual(await git.stateOf('p', 'demo/src/train.py', never), { commit: head, dirty: true });
    assert.equal(await git.stateOf('p', 'elsewhere.py', never), null);
  });

  it('is checked out with few of its commits or on another branch, and pushed to and pulled all the same', async (t) => {
    const { git, write, ended, ann, name, url } = await startWithClone(t, 'shallow');
    await server.commit(name, { 'other.txt': '1\n' });
    await server.commit(name, { 'other.txt': '2\n' });
    const few = { project: 'p', repository: 'few' };
    assert.equal((await ended(await git.clone({ project: 'p', url, path: 'few', depth: 1 }, 'ann'))).problem, null);
    assert.equal((await git.log({ ...few, path: '', limit: 10, skip: 0 }, never)).length, 1);
    await write('few/mine.txt', 'mine\n');
    await git.commit({ ...few, message: 'Mine', amend: false, all: true }, ann);
    assert.equal((await ended(await git.push({ ...few, force: false }, 'ann'))).problem, null);
    await server.commit(name, { 'other.txt': '3\n' });
    assert.equal((await ended(await git.pull({ ...few, strategy: 'merge' }, 'ann'))).problem, null);
    assert.equal((await git.status(few, never)).behind, 0);

    await server.commit(name, { 'b.txt': 'b\n' }, { branch: 'theirs' });
    assert.equal((await ended(await git.clone({ project: 'p', url, path: 'a/b/theirs', branch: 'theirs' }, 'ann'))).problem, null);
    assert.equal((await git.status({ project: 'p', repository: 'a/b/theirs' }, never)).branch, 'theirs');
    const missing = await ended(await git.clone({ project: 'p', url, path: 'x', branch: 'nowhere' }, 'ann'));
    assert.match(missing.problem?.detail ?? '', /no branch "nowhere"/);

    const empty = await server.repository('empty');
    assert.equal((await ended(await git.clone({ project: 'p', url: empty, path: 'empty' }, 'ann'))).problem, null);
    await write('empty/first.txt', 'first\n');
    await git.commit({ project: 'p', repository: 'empty', message: 'First', amend: false, all: true }, ann);
    assert.equal((await ended(await git.push({ project: 'p', repository: 'empty', force: false }, 'ann'))).problem, null);
    assert.match(await server.git('empty', 'log', '--format=%s', 'main'), /First/);
  });

  it('begins in a folder that has files, and only once', async (t) => {
    const { git, write, ann, files } = await startWorld(t, { ca: server.ca });
    await write('fresh/train.py', 'print(1)\n');
    const fresh = { project: 'p', repository: 'fresh' };
    const status = await git.init(fresh, ann);
    assert.deepEqual([status.branch, status.head, status.untracked.map(({ path }) => path)], ['main', null, ['train.py']]);
    await git.commit({ ...fresh, message: 'First', amend: false, all: true }, ann);
    await assert.rejects(git.init(fresh, ann), { code: 'already-exists' });
    assert.equal((await git.log({ ...fresh, path: '', limit: 10, skip: 0 }, never)).length, 1);
    assert.deepEqual(
      (await git.repositories('p')).map(({ path }) => path),
      ['fresh'],
    );
    // A link that leads out of the project leads nowhere in the sandbox.
    const outside = await mkdtemp(join(tmpdir(), 'bine-outside-'));
    t.after(() => rm(outside, { recursive: true }));
    await symlink(outside, join(files, 'out'));
    await assert.rejects(git.init({ project: 'p', repository: 'out' }, ann));
    assert.deepEqual(await readdir(outside), []);
  });

  it('says where a filter or a merge driver of the repository did not run', async (t) => {
    const { git, shell, ended, write, ann } = await startWorld(t, { ca: server.ca });
    const url = await server.repository('driven', {
      '.gitattributes': '*.bin filter=lfs\n*.nb merge=nbdime\n',
      'model.bin': 'version https://git-lfs.github.com/spec/v1\n',
      'a.nb': 'a\nb\nc\nd\ne\n',
      'plain.txt': 'one\n',
    });
    await git.setCredential('ann', { host: server.host, username: '', token: server.token });
    const clone = await ended(await git.clone({ project: 'p', url, path: 'demo' }, 'ann'));
    assert.match(clone.summary ?? '', /"model\.bin": only the pointers of Git LFS are here/);
    assert.equal((await git.status(at, never)).notice, null);

    await write('demo/plain.txt', 'two\n');
    assert.equal((await git.discard({ ...at, paths: ['plain.txt'] }, ann)).notice, null);
    await shell('echo changed > model.bin', 'demo');
    assert.match((await git.discard({ ...at, paths: ['model.bin'] }, ann)).notice ?? '', /Git LFS/);
    await git.createBranch({ ...at, name: 'other', checkout: true }, ann);
    assert.match((await git.checkout({ ...at, ref: 'main' }, ann)).notice ?? '', /Git LFS/);

    await write('demo/a.nb', 'mine\nb\nc\nd\ne\n');
    await git.stage({ ...at, paths: ['a.nb'] }, ann);
    await git.commit({ ...at, message: 'Mine', amend: false, all: false }, ann);
    await server.commit('driven', { 'a.nb': 'a\nb\nc\nd\ntheirs\n' });
    const pull = await ended(await git.pull({ ...at, strategy: 'merge' }, 'ann'));
    assert.match(pull.summary ?? `${pull.problem?.detail}`, /"a\.nb": merged as text, since the merge driver "nbdime"/);
    assert.doesNotMatch(pull.summary ?? '', /LFS/);

    const commit = (message: string) => git.commit({ ...at, message, amend: false, all: true }, ann);
    await write('demo/a.nb', 'put aside\nb\nc\nd\ntheirs\n');
    await git.stash({ ...at, message: 'aside', untracked: false }, ann);
    await write('demo/a.nb', 'mine\nb\nc\nd\nnext\n');
    await commit('Next');
    assert.match((await git.applyStash({ ...at, index: 0, drop: true }, ann)).notice ?? '', /"a\.nb": merged as text/);
    await git.discard({ ...at, paths: [''] }, ann).catch(() => undefined);

    await write('demo/a.nb', 'ours\nb\nc\nd\nnext\n');
    await commit('Ours');
    await server.commit('driven', { 'a.nb': 'theirs\nb\nc\nd\ntheirs\n' });
    for (const strategy of ['rebase', 'merge'] as const) {
      const { problem } = await ended(await git.pull({ ...at, strategy }, 'ann'));
      assert.match(`${problem?.detail}`, /Both sides changed a\.nb.*"a\.nb": merged as text, since the merge driver "nbdime"/);
    }
  });

  it('keeps in the bin what is discarded', async (t) => {
    const { git, write, ann, files, plain } = await startWithClone(t, 'discard');
    await write('demo/readme.md', 'changed\n');
    await write('demo/new.txt', 'new\n');
    const status = await git.discard({ ...at, paths: [''] }, ann);
    assert.deepEqual([status.changes, status.untracked], [[], []]);
    assert.equal(await readFile(join(files, 'demo/readme.md'), 'utf8'), 'one\n');
    assert.deepEqual((await plain.listBin('p')).map(({ path }) => path).sort(), ['demo/new.txt', 'demo/readme.md']);
    await assert.rejects(git.discard({ ...at, paths: ['readme.md'] }, ann), (error: Problem) => error.code === 'not-found');
  });
});

/** With its words where it is another one than expected, in what the test prints. */
function codeIn({ problem }: GitOperation): string {
  return problem?.code === 'git-failed' ? problem.detail : `${problem?.code}`;
}
