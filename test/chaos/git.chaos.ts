/** Repositories stay whole, free of locks and of halves, however often the gateway is killed while Git is at work in them. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { apiPrefix, fileContent } from '@bine/shared';
import { startGitServer, type GitServer } from '../git-server/server.ts';
import { until } from '../until.ts';
import { startGateway, type TestGateway } from '../vscode/gateway.ts';
import { random } from './random.ts';

const execute = promisify(execFile);
const project = 'chaos';
const kills = 12;
const seed = 6;

describe('a gateway that is killed while Git is at work', { timeout: 300_000 }, () => {
  let server: GitServer;
  let gateway: TestGateway;
  /** While it is looked at what the killed one left, nobody works. */
  let isChecking = false;
  const over = new AbortController();
  before(async () => {
    server = await startGitServer();
    const next = random(1);
    const text = () => Array.from({ length: 2000 }, () => next().toString(36)).join('\n');
    await server.repository('demo', Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`data/${index}.txt`, text()])));
    gateway = await startGateway(server.env);
    await gateway.api.projects.create({ name: project });
    await gateway.api.git.setCredential({ host: server.host, token: server.token });
    await gateway.api.git.setIdentity({ name: 'Ann', email: 'ann@example.org' });
  });
  after(async () => {
    over.abort();
    isChecking = false;
    await gateway[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  async function put(path: string, body: string): Promise<void> {
    const url = `${gateway.url}${apiPrefix}${fileContent.path.replace('{project}', project)}?path=${path}`;
    await (await fetch(url, { method: 'PUT', body, headers: { authorization: `Bearer ${gateway.key}` } })).text();
  }

  /** Whether it was done; false where the gateway died meanwhile, or refused. */
  async function attempt(ask: () => Promise<unknown>): Promise<boolean> {
    try {
      await ask();
      return true;
    } catch (error) {
      const { status } = error as { status?: number };
      assert.notEqual(status, 500);
      if (status === undefined || status === 503) await untilBack();
      return false;
    }
  }

  async function untilBack(): Promise<void> {
    const look = async () => {
      if (over.signal.aborted) return true;
      if (isChecking) return false;
      const answer = await fetch(`${gateway.url}${apiPrefix}/health`).catch(() => null);
      return ((await answer?.json()) as { status?: string } | undefined)?.status === 'ok';
    };
    await until(look, 'the gateway to be back', { everyMs: 20 });
  }

  async function end(begin: Promise<{ id: string }>): Promise<string> {
    const { id } = await begin;
    let state = '';
    for await (const operation of await gateway.api.git.follow({ project, operation: id })) {
      state = operation.state;
      assert.notEqual(operation.problem?.code, 'git-locked', operation.problem?.detail);
      assert.notEqual(operation.problem?.code, 'internal', operation.problem?.detail);
    }
    return state;
  }

  /** Steps that succeeded, by repository. */
  const done = new Map<string, number>();

  /** What somebody does all day, in one repository. */
  async function work(path: string): Promise<void> {
    const at = { project, repository: path };
    done.set(path, 0);
    for (let round = 0; !over.signal.aborted; round++) {
      const branch = `${path}-${round}`;
      const steps = [
        () => end(gateway.api.git.clone({ project, url: `${server.url}/demo.git`, path })),
        () => put(`${path}/data/${round % 200}.txt`, `${round}\n`),
        () => put(`${path}/new/${round}.txt`, `${round}\n`),
        () => gateway.api.git.stash({ ...at, untracked: true }),
        () => gateway.api.git.applyStash(at),
        () => gateway.api.git.createBranch({ ...at, name: branch }),
        () => gateway.api.git.commit({ ...at, message: `Round ${round}`, all: true }),
        () => end(gateway.api.git.push(at)),
        () => end(gateway.api.git.fetch(at)),
        () => gateway.api.git.checkout({ ...at, ref: 'main' }),
        () => end(gateway.api.git.pull(at)),
        () => gateway.api.git.discard({ ...at, paths: [''] }),
      ];
      for (const step of steps) if (!over.signal.aborted && (await attempt(step))) done.set(path, done.get(path)! + 1);
    }
  }

  it(`leaves whole repositories without locks, and nothing half checked out (${kills} kills, seed ${seed})`, async ({ signal }) => {
    const next = random(seed);
    const paths = ['one', 'two'];
    const working = paths.map((path) => work(path));
    for (let killed = 0; killed < kills; killed++) {
      await delay(200 + next() * 2500);
      isChecking = true;
      await gateway.kill();
      await untilNoneIsLeft(gateway.home, signal);
      await gateway.start();
      for (const lock of await locksIn(gateway.home)) assert.fail(`after kill ${killed + 1} there is ${lock}`);
      isChecking = false;
    }
    await until(() => [...done.values()].every((count) => count > 20), 'enough to be done between the kills', { signal });
    over.abort();
    await Promise.all(working);

    for (const path of paths) await check(path);
    await server.git('demo', 'fsck', '--full', '--strict');
    await until(async () => (await staged(gateway.home)).length === 0, 'no staging to be left', { signal });
    assert.deepEqual(await readdir(join(gateway.home, 'git/transfers')), []);
    assert.deepEqual(await readdir(join(gateway.home, 'git/at-work')), []);
    for (const form of [server.token, Buffer.from(`git:${server.token}`).toString('base64')]) {
      assert.ok(!gateway.output().includes(form), 'the token is in the log');
      const { stdout } = await execute('grep', ['-rlaF', '-e', form, gateway.home]).catch((error: { stdout: string }) => error);
      assert.equal(stdout, '', 'the token is in the data folder');
    }
  });

  async function check(path: string): Promise<void> {
    const at = { project, repository: path };
    const folder = join(await filesOf(gateway.home), path);
    const { stderr } = await execute('git', ['-c', 'safe.directory=*', '-C', folder, 'fsck', '--full', '--strict'], { encoding: 'utf8' });
    assert.doesNotMatch(stderr, /error|missing|broken/);
    const status = await gateway.api.git.status(at);
    assert.equal(status.locked, null);
    if (status.underway) await gateway.api.git.abort(at);
    await put(`${path}/last.txt`, 'last\n');
    await gateway.api.git.createBranch({ ...at, name: `${path}-last` });
    const { hash } = await gateway.api.git.commit({ ...at, message: 'Last', all: true });
    assert.equal(await end(gateway.api.git.push(at)), 'succeeded');
    assert.equal((await server.git('demo', 'rev-parse', `${path}-last`)).trim(), hash);
  }
});

async function filesOf(home: string): Promise<string> {
  const [id] = (await readdir(join(home, 'projects'))).filter((name) => !name.startsWith('.'));
  return join(home, 'projects', id!, 'files');
}

async function locksIn(home: string): Promise<string[]> {
  const names = await readdir(await filesOf(home), { recursive: true });
  return names.filter((name) => /\.git\/(?!objects\/).*\.lock$|\.git\/objects\/.*tmp_/.test(name));
}

/** What stands in the folders of earlier starts, or in this one's while nothing is under way. */
async function staged(home: string): Promise<string[]> {
  const names = await readdir(join(await filesOf(home), '../bin'), { recursive: true }).catch(() => []);
  return names.filter((name) => /^\.incoming\/[^/]+\/[^/]+$/.test(name));
}

/** Git dies with the gateway. */
async function untilNoneIsLeft(home: string, signal: AbortSignal): Promise<void> {
  const look = async () => {
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      if (line.startsWith('bwrap') && line.includes(home)) return false;
    }
    return true;
  };
  await until(look, 'Git to be gone', { signal });
}
