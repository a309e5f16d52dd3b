/** Tokens: kept sealed, answered to their own server alone, and nowhere to be found; and what users are told when one is wrong or missing. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Problem } from '@bine/shared/problems';
import { startGitServer } from '../../../../test/git-server/server.ts';
import type { GitServer } from '../../../../test/git-server/server.ts';
import { openVault } from '../../adapters/secrets/vault.ts';
import { defaultUsername } from './credentials.ts';
import { startWorld } from './world.fixture.ts';

const never = new AbortController().signal;
const at = { project: 'p', repository: 'demo' };

describe('a token', { timeout: 120_000 }, () => {
  let server: GitServer;
  before(async () => {
    server = await startGitServer();
    await server.repository('demo', { 'readme.md': 'one\n' });
  });
  after(() => server[Symbol.asyncDispose]());
  const clone = { project: 'p', path: 'demo' };

  it('is nowhere: not in the data folder, in processes, events or answers, while it is used and afterwards', async (t) => {
    const world = await startWorld(t, { ca: server.ca });
    const { git, ended, ann, events, home } = world;
    const answers: unknown[] = [await git.setCredential('ann', { host: server.host, username: '', token: server.token })];
    const seen: string[] = [];
    const watching = new AbortController();
    const passes = new EventEmitter();
    const watch = watchProcesses(server.token, { seen, passes, signal: watching.signal });
    // Git has its token then, and waits for the answer: the first look may have begun before, the second has not.
    server.intercept = async ({ headers }) => {
      if (headers.authorization) for (let looks = 0; looks < 2; looks++) await once(passes, 'pass');
      return false;
    };
    t.after(() => (server.intercept = () => false));
    answers.push(await ended(await git.clone({ ...clone, url: `${server.url}/demo.git` }, 'ann')));
    await world.write('demo/readme.md', 'two\n');
    answers.push(await git.commit({ ...at, message: 'Two', amend: false, all: true }, ann));
    answers.push(await ended(await git.push({ ...at, force: false }, 'ann')), await ended(await git.fetch(at, 'ann')));
    answers.push(await git.credentials('ann'), await git.remotes(at, never), await git.operations('p'));
    answers.push(await ended(await git.clone({ ...clone, path: 'other', url: `${server.url}/nothing.git` }, 'ann')));
    watching.abort();
    await watch;
    assert.deepEqual(
      seen.filter((what) => what !== 'Git'),
      [],
    );
    assert.ok(seen.includes('Git'), 'no process of Git was looked at');
    const forms = [server.token, Buffer.from(server.token).toString('base64'), Buffer.from(`git:${server.token}`).toString('base64')];
    for (const form of forms) {
      assert.ok(!JSON.stringify([answers, events, world.errors]).includes(form));
      for (const file of await filesIn(home)) assert.ok(!(await readFile(file)).includes(form), `it is in ${file}`);
    }
    assert.equal((await stat(join(home, 'secrets.key'))).mode & 0o777, 0o600);
  });

  it('is asked for when it is missing, wrong, or was given for another server, each time with what to do', async (t) => {
    const { git, ended } = await startWorld(t, { ca: server.ca });
    const attempt = async () => (await ended(await git.clone({ ...clone, url: `${server.url}/demo.git` }, 'ann'))).problem;
    const missing = await attempt();
    assert.equal(missing?.code, 'credential-needed');
    assert.match(missing.detail, /there is no token for it\. .*bine git/);
    await git.setCredential('ann', { host: server.host, username: '', token: 'not-the-token' });
    const wrong = await attempt();
    assert.equal(wrong?.code, 'credential-needed');
    assert.match(wrong.detail, /refused the token/);
    assert.doesNotMatch(wrong.detail, /not-the-token/);
    await git.deleteCredential('ann', server.host);
    await git.setCredential('ben', { host: server.host, username: '', token: server.token });
    assert.equal((await attempt())?.code, 'credential-needed');
    await git.setCredential('ann', { host: server.host, username: '', token: server.token });
    assert.equal(await attempt(), null);
  });

  it('is not sent on to another server that its own one names', async (t) => {
    const { git, ended } = await startWorld(t, { ca: server.ca });
    await git.setCredential('ann', { host: server.host, username: '', token: server.token });
    const elsewhere = server.host.replace('localhost', '127.0.0.1');
    const sent: string[] = [];
    server.intercept = ({ headers, url }, response) => {
      if (headers.host === elsewhere) sent.push(headers.authorization ?? 'nothing');
      else response.writeHead(302, { location: `https://${elsewhere}${url}` }).end();
      return headers.host !== elsewhere;
    };
    t.after(() => {
      server.intercept = () => false;
    });
    const { problem } = await ended(await git.clone({ ...clone, url: `${server.url}/demo.git` }, 'ann'));
    assert.equal(problem?.code, 'git-failed');
    assert.match(
      problem.detail,
      /sent Git on to 127\.0\.0\.1:\d+, another server, so Git did not follow, and your token was not sent there/,
    );
    assert.deepEqual(sent, []);
  });

  it('goes with its user, and cannot be read as that of another user or server, or with another key', async (t) => {
    const { git, db, home } = await startWorld(t);
    await git.setCredential('ben', { host: 'git.example.org:443', username: '', token: 'a-token' });
    assert.deepEqual(
      (await git.credentials('ben')).map(({ host, username }) => [host, username]),
      [['git.example.org', 'git']],
    );
    assert.deepEqual(await git.credentials('ann'), []);
    const { secret } = await db.selectFrom('git_credentials').selectAll().executeTakeFirstOrThrow();
    const vault = await openVault(join(home, 'secrets.key'));
    assert.equal(vault.unseal(secret, ['ben', 'git.example.org']), 'a-token');
    assert.equal(vault.unseal(secret, ['ann', 'git.example.org']), null);
    assert.equal(vault.unseal(secret, ['ben', 'github.com']), null);
    assert.equal((await openVault(join(home, 'other.key'))).unseal(secret, ['ben', 'git.example.org']), null);
    assert.notEqual(vault.seal('a-token', ['ben', 'x']), vault.seal('a-token', ['ben', 'x']));
    await db.deleteFrom('users').where('name', '=', 'ben').execute();
    assert.deepEqual(await db.selectFrom('git_credentials').selectAll().execute(), []);
    await assert.rejects(git.deleteCredential('ann', 'git.example.org'), (error: Problem) => error.code === 'not-found');
  });

  for (const [host, username] of [
    ['github.com', 'x-access-token'],
    ['gitlab.com', 'oauth2'],
    ['gitlab.example.org:8443', 'oauth2'],
    ['bitbucket.org', 'x-token-auth'],
    ['git.example.org', 'git'],
  ] as const) {
    it(`for ${host} goes with the user name ${username} where none is given`, () => assert.equal(defaultUsername(host), username));
  }
});

/** Arguments and variables of every process, over and over. */
type Watching = { seen: string[]; passes: EventEmitter; signal: AbortSignal };

async function watchProcesses(token: string, { seen, passes, signal }: Watching): Promise<void> {
  while (!signal.aborted) {
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && name !== `${process.pid}`)) {
      for (const file of ['cmdline', 'environ']) {
        const text = await readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '');
        if (text.startsWith('bwrap')) seen.push('Git');
        if (text.includes(token)) seen.push(`${file} of ${pid}: ${text}`);
      }
    }
    passes.emit('pass');
    await delay(2);
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
