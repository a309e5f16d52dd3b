/** A day with a repository from the command line: checked out, changed, committed, pushed, pulled, against a real gateway and a real server. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { GitOperation, GitStatus } from '@bine/shared';
import { startGateway } from '../../../test/contract/gateway.ts';
import type { TestGateway } from '../../../test/contract/gateway.ts';
import { startGitServer } from '../../../test/git-server/server.ts';
import type { GitServer } from '../../../test/git-server/server.ts';
import { runCommandLine } from '../command-line.ts';
import { createTestHost } from '../host.fixture.ts';

type Said = { code: number; out: string; err: string };

describe('bine git', { timeout: 120_000 }, () => {
  let server: GitServer;
  let gateway: TestGateway;
  before(async () => {
    server = await startGitServer();
    gateway = await startGateway({ env: server.env });
    await bine('project', 'create', 'churn');
  });
  after(async () => {
    await gateway[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  async function bineHearing(stdin: string, words: string[], signal?: AbortSignal): Promise<Said> {
    await using host = await createTestHost({ BINE_URL: gateway.url, BINE_KEY: gateway.key });
    (host.stdin as unknown as NodeJS.WritableStream).end(stdin);
    const code = await runCommandLine(words, signal ? { ...host, signal } : host);
    return { code, out: host.out(), err: host.err() };
  }
  const bine = (...words: string[]) => bineHearing('', words);

  /** @returns what it printed. @throws if it failed */
  async function done(...words: string[]): Promise<string> {
    const { code, out, err } = await bine(...words);
    assert.equal(code, 0, `${words.join(' ')}: ${err}`);
    return out;
  }

  async function status(...words: string[]): Promise<GitStatus> {
    return JSON.parse(await done('git', 'status', '-p', 'churn', '--json', ...words)) as GitStatus;
  }

  async function put(path: string, text: string): Promise<void> {
    const file = join(gateway.home, 'edited');
    await writeFile(file, text);
    await done('cp', file, `churn:${path}`);
  }

  it('goes from a clone over an edit to a push, and back by a pull', async () => {
    const url = await server.repository('team/trees', { 'train.py': 'print(1)\n' });
    const refused = await bine('git', 'clone', url, '-p', 'churn');
    assert.equal(refused.code, 1);
    assert.match(refused.err, new RegExp(`"bine git token set ${server.host}"`));
    assert.equal((await bineHearing(`${server.token}\n`, ['git', 'token', 'set', server.host])).code, 0);
    assert.doesNotMatch(await done('git', 'token', 'list'), new RegExp(server.token));
    const cloned = JSON.parse(await done('git', 'clone', url, '-p', 'churn', '--json')) as GitOperation;
    assert.deepEqual([cloned.action, cloned.state, cloned.repository], ['clone', 'succeeded', 'trees']);

    await put('trees/train.py', 'print(2)\n');
    await put('trees/new file.txt', 'new\n');
    assert.equal(
      await done('git', 'status', '-p', 'churn'),
      'On main, level with origin/main\nChanges:\n  modified        train.py\nNew:\n  new file.txt\n',
    );
    assert.match(await done('git', 'diff', '-p', 'churn'), /^-print\(1\)\n\+print\(2\)$/m);
    await done('git', 'stage', '.', '-p', 'churn');
    await done('git', 'unstage', 'new file.txt', '-p', 'churn');
    assert.match(await done('git', 'diff', '--staged', '-p', 'churn'), /^\+print\(2\)$/m);

    const nobody = await bine('git', 'commit', '-m', 'Print two', '-p', 'churn');
    assert.equal(nobody.code, 1);
    assert.match(nobody.err, /"bine git identity set NAME EMAIL"/);
    await done('git', 'identity', 'set', 'Ann Example', 'ann@example.org');
    assert.match(await done('git', 'commit', '-m', 'Print two', '-p', 'churn'), /^[0-9a-f]{8} Print two\n$/);
    await done('git', 'push', '-p', 'churn');
    assert.equal((await server.git('team/trees', 'log', '-1', '--format=%an %s', 'main')).trim(), 'Ann Example Print two');

    await server.commit('team/trees', { 'train.py': 'print(3)\n' }, { message: 'Print three' });
    await put('trees/other.py', 'pass\n');
    await done('git', 'commit', '-a', '-m', 'Another', '-p', 'churn');
    const behind = await bine('git', 'push', '-p', 'churn');
    assert.equal(behind.code, 1);
    assert.match(behind.err, /"bine git pull -p churn"/);
    await done('git', 'pull', '--strategy', 'rebase', '-p', 'churn');
    assert.equal(
      await done('git', 'log', '--limit', '2', '-p', 'churn').then((text) => text.match(/Another|Print three/g)?.join()),
      'Another,Print three',
    );
    await done('git', 'push', '-p', 'churn');
    const { ahead, behind: missing, staged, untracked } = await status();
    assert.deepEqual({ ahead, missing, staged, untracked }, { ahead: 0, missing: 0, staged: [], untracked: [] });
  });

  it('puts new files aside and brings them back', async () => {
    await put('trees/idea.py', 'idea\n');
    await done('git', 'stash', 'push', '--untracked', '-m', 'an idea', '-p', 'churn');
    assert.deepEqual((await status()).untracked, []);
    assert.match(await done('git', 'stash', 'list', '-p', 'churn'), /^0 .* an idea$/m);
    await done('git', 'stash', 'apply', '-p', 'churn');
    assert.deepEqual(
      (await status()).untracked.map(({ path }) => path),
      ['idea.py'],
    );
    await done('git', 'discard', 'idea.py', '--yes', '-p', 'churn');
    assert.deepEqual((await status()).untracked, []);
  });

  it('makes, renames and deletes branches', async () => {
    await done('git', 'branch', 'create', 'boosting', '-p', 'churn');
    assert.equal((await status()).branch, 'boosting');
    await done('git', 'branch', 'rename', 'boosting', 'forest', '-p', 'churn');
    await done('git', 'checkout', 'main', '-p', 'churn');
    assert.match(await done('git', 'branches', '-p', 'churn'), /^ {2}forest .*\n\* main /m);
    await done('git', 'branch', 'delete', 'forest', '-p', 'churn');
    assert.doesNotMatch(await done('git', 'branches', '-p', 'churn'), /forest/);
  });

  it('asks which repository where there are several', async () => {
    const url = await server.repository('team/second', { 'a.txt': 'a\n' });
    await done('git', 'clone', url, 'libs/second', '-p', 'churn');
    const { code, err } = await bine('git', 'status', '-p', 'churn');
    assert.equal(code, 2);
    assert.match(err, /Say which one with --repository: libs\/second, trees\./);
    assert.equal((await status('--repository', './libs/second/')).branch, 'main');
  });

  it('cancels what it waits for when it is interrupted, and ends with 130', async () => {
    const url = await server.repository('team/slow', { 'a.txt': 'a\n' });
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<boolean>();
    server.intercept = (request) => {
      if (!request.url?.includes('slow')) return false;
      asked.resolve();
      return answer.promise;
    };
    const interrupted = new AbortController();
    const cloning = bineHearing('', ['git', 'clone', url, '-p', 'churn'], interrupted.signal);
    await asked.promise;
    interrupted.abort();
    assert.equal((await cloning).code, 130);
    answer.resolve(false);
    const [last] = JSON.parse(await done('git', 'operations', '-p', 'churn', '--json')) as GitOperation[];
    assert.deepEqual([last?.action, last?.state], ['clone', 'cancelled']);
    assert.doesNotMatch(await done('git', 'repositories', '-p', 'churn'), /slow/);
  });
});
