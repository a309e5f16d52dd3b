/** What waits, what is cancelled, and what stands in the way. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Problem } from '@bine/shared/problems';
import { startGitServer } from '../../../../test/git-server/server.ts';
import type { GitServer } from '../../../../test/git-server/server.ts';
import { startWorld } from './world.fixture.ts';

const never = new AbortController().signal;
const at = { project: 'p', repository: 'demo' };

describe('an operation of Git', { timeout: 120_000 }, () => {
  let server: GitServer;
  before(async () => {
    server = await startGitServer();
    await server.repository('demo', { 'readme.md': 'one\n' });
  });
  after(() => server[Symbol.asyncDispose]());

  it('that is cancelled while the server is silent leaves nothing, and says who cancelled it', async (t) => {
    const { git, ended, files, staged, home } = await startWorld(t, { ca: server.ca });
    const reached = Promise.withResolvers<void>();
    server.intercept = () => {
      reached.resolve();
      return true;
    };
    t.after(() => {
      server.intercept = () => false;
    });
    const clone = await git.clone({ project: 'p', url: `${server.url}/demo.git`, path: 'demo' }, 'ann');
    await reached.promise;
    const cancelled = await git.cancel({ project: 'p', operation: clone.id }, 'ann');
    assert.deepEqual([cancelled.state, cancelled.problem?.code], ['cancelled', 'cancelled']);
    assert.match(cancelled.problem?.detail ?? '', /^ann cancelled it/);
    assert.deepEqual(await readdir(files), []);
    assert.deepEqual(await staged(), []);
    assert.deepEqual(await readdir(join(home, 'git/transfers')), []);
    await assert.rejects(git.cancel({ project: 'p', operation: clone.id }, 'ann'), (error: Problem) => error.code === 'conflict');
    assert.equal((await ended(clone)).state, 'cancelled');
  });

  it('waits for the one before it in the same repository, and can leave while it waits', async (t) => {
    const { git, ended, ann, write, shell } = await startWorld(t, { ca: server.ca });
    await git.setCredential('ann', { host: server.host, username: '', token: server.token });
    await ended(await git.clone({ project: 'p', url: `${server.url}/demo.git`, path: 'demo' }, 'ann'));
    const [reached, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    server.intercept = async () => {
      reached.resolve();
      await go.promise;
      return false;
    };
    t.after(() => {
      server.intercept = () => false;
    });
    const fetching = await git.fetch(at, 'ann');
    await reached.promise;
    const second = await git.fetch(at, 'ann');
    assert.deepEqual(
      (await git.operations('p')).slice(0, 2).map(({ state }) => state),
      ['queued', 'running'],
    );
    await write('demo/new.txt', 'new\n');
    let staged = false;
    const staging = git.stage({ ...at, paths: ['new.txt'] }, ann).then(() => (staged = true));
    assert.equal((await git.cancel({ project: 'p', operation: second.id }, 'ann')).state, 'cancelled');
    // Looking does not wait.
    assert.equal((await git.status(at, never)).untracked.length, 1);
    assert.equal(staged, false);
    go.resolve();
    await staging;
    assert.equal((await ended(fetching)).state, 'succeeded');
    assert.equal(await shell('git diff --cached --name-only', 'demo'), 'new.txt\n');
  });

  it('says of a lock that nobody of ours holds since when it stands there, and removes it when asked', async (t) => {
    const { git, ann, write, shell, files, give } = await startWorld(t);
    await write('demo/new.txt', 'new\n');
    await shell('git init -q', 'demo');
    const lock = join(files, 'demo/.git/index.lock');
    await writeFile(lock, '');
    await give(lock);
    const since = new Date('2026-01-01T00:00:00Z');
    await utimes(lock, since, since);
    assert.equal((await git.status(at, never)).locked, since.toISOString());
    await assert.rejects(
      git.stage({ ...at, paths: ['new.txt'] }, ann),
      (error: Problem) => error.code === 'git-locked' && /unlock/.test(error.message),
    );
    assert.ok(existsSync(lock), 'a lock of somebody else was removed');
    assert.equal((await git.unlock(at, ann)).locked, null);
    assert.equal((await git.stage({ ...at, paths: ['new.txt'] }, ann)).staged.length, 1);
  });

  it('of a gateway that died is tidied up at the next start, and locks of others are not', async (t) => {
    const { git, adapter, files, write, shell, give, bin } = await startWorld(t);
    await write('demo/new.txt', 'new\n');
    await shell('git init -q . && git init -q ../other', 'demo');
    await adapter.marks.set({ projectId: 'one', path: 'demo', since: Date.now() });
    const [ours, theirs] = [join(files, 'demo/.git/index.lock'), join(files, 'other/.git/index.lock')];
    for (const lock of [ours, theirs, join(files, 'demo/.git/objects/tmp_obj_x')]) {
      await writeFile(lock, '');
      await give(lock);
    }
    await git.reconcile();
    assert.deepEqual([existsSync(ours), existsSync(theirs)], [false, true]);
    assert.ok(!existsSync(join(files, 'demo/.git/objects/tmp_obj_x')));
    assert.ok((await readdir(bin, { recursive: true })).every((name) => !/part/.test(name)));
  });

  it('is refused where nothing can come of it, with what to do', async (t) => {
    const { git, ann, shell, write, ended } = await startWorld(t, { ca: server.ca });
    const ben = { user: 'ben', signal: never };
    await write('demo/new.txt', 'new\n');
    await assert.rejects(git.status(at, never), (error: Problem) => error.code === 'not-found' && /no Git repository/.test(error.message));
    await shell('git init -q', 'demo');
    const commit = { ...at, message: 'x', amend: false, all: false };
    await assert.rejects(
      git.commit(commit, ben),
      (error: Problem) => error.code === 'identity-needed' && /bine git identity set/.test(error.message),
    );
    await assert.rejects(git.commit(commit, ann), (error: Problem) => error.code === 'conflict' && /Nothing is staged/.test(error.message));
    await assert.rejects(git.commit({ ...commit, message: ' ' }, ann), (error: Problem) => error.code === 'invalid');
    await assert.rejects(git.stage({ ...at, paths: ['../x'] }, ann), (error: Problem) => error.code === 'path-refused');
    await assert.rejects(git.stage({ ...at, paths: ['missing'] }, ann), (error: Problem) => error.code === 'not-found');
    assert.deepEqual(await git.log({ ...at, path: '', limit: 5, skip: 0 }, never), []);
    const push = await ended(await git.push({ ...at, force: false }, 'ann'));
    assert.match(push.problem?.detail ?? '', /no remote "origin"/);
    await assert.rejects(
      git.clone({ project: 'p', url: `${server.url}/x.git`, path: 'demo' }, 'ann'),
      (error: Problem) => error.code === 'already-exists',
    );
  });
});
