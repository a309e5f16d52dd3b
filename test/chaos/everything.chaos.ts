/**
 * Jobs, a kernel and Git at work together, with quotas, TLS and secrets on, while the gateway is killed again and again: nothing is
 * lost, nothing is done twice, and no secret is anywhere. `BINE_CHAOS_KILLS=30` runs the long form.
 */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { apiPrefix, fileContent } from '@bine/shared';
import { startGitServer, type GitServer } from '../git-server/server.ts';
import { startGateway, type TestGateway } from '../vscode/gateway.ts';
import { untilAnswered } from './answered.ts';
import { openKernel, request, run, untilKernel } from './kernel-client.ts';
import { searchEverywhere } from './planted.ts';
import { random } from './random.ts';

const project = 'everything';
const environment = 'python-inference';
const kills = Number(process.env['BINE_CHAOS_KILLS'] ?? 3);
const seed = 11;
const lines = 200;
const secret = `planted-${randomBytes(20).toString('hex')}`;
const own = `own+${randomBytes(18).toString('base64')}`;
const secrets = [{ name: 'TOKEN' }, { name: 'OWN', as: 'file' }] as const;

/** Shows its secrets as it begins and as it ends. */
const program = `import os, sys, time
number = sys.argv[1]
with open(f'/project/ran-{number}', 'a') as file: file.write('x')
token, own = os.environ['TOKEN'], open(os.path.join(os.environ['BINE_SECRETS_DIR'], 'OWN')).read()
print(token, own)
for i in range(${lines}):
    print(f'{number}: line {i}', flush=True)
    if i % 20 == 0: time.sleep(0.1)
print(own + token, file=sys.stderr)
`;
/** Counts until somebody says that it is enough. */
const ticks = `import os, time
i = 0
while not os.path.exists('/project/enough'):
    print(i, os.environ['TOKEN'], flush=True)
    i += 1
    time.sleep(0.05)
print('counted', i, flush=True)`;

describe('everything at once, while the gateway is killed', { timeout: 60_000 * Math.max(5, kills) }, () => {
  let server: GitServer;
  let gateway: TestGateway;
  let kernel: string;
  /** Enough was done. */
  const over = new AbortController();
  const ended = new AbortController();

  before(async () => {
    server = await startGitServer();
    await server.repository('demo', { 'a.txt': 'a\n' });
    gateway = await startGateway({
      ...server.env,
      BINE_TLS: 'self-signed',
      BINE_PROJECT_LIMITS: 'cores=2,memory=2048,running=3,queued=500,kernels=2,disk=4096',
      BINE_DISK_SCAN: '1',
    });
    assert.match(gateway.url, /^https:/);
    const { api } = gateway;
    await api.projects.create({ name: project });
    await api.secrets.set({ project, name: 'TOKEN', value: secret });
    await api.secrets.setMine({ name: 'OWN', value: own });
    await api.git.setCredential({ host: server.host, token: server.token });
    await api.git.setIdentity({ name: 'Ann', email: 'ann@example.org' });
    await put('program.py', program);
    await api.jobs.put({
      project,
      job: 'prints',
      // All of them are looked at.
      keep: 1000,
      path: 'program.py',
      environment,
      compute: { cores: 0.25, memory: 128 },
      secrets: [...secrets],
    });
    const { id } = await api.git.clone({ project, url: `${server.url}/demo.git`, path: 'repo' });
    for await (const { problem } of await api.git.follow({ project, operation: id })) assert.equal(problem, null);
    kernel = (await api.kernels.start({ project, environment, memory: 512, secrets: [...secrets] })).id;
    await untilKernel(gateway, { project, kernel }, ({ state }) => state === 'idle');
  });
  after(async () => {
    over.abort();
    ended.abort();
    await gateway[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const contentOf = (path: string) => `${gateway.url}${apiPrefix}${fileContent.path.replace('{project}', project)}?path=${path}`;
  const headers = () => ({ authorization: `Bearer ${gateway.key}` });

  async function put(path: string, body: string): Promise<void> {
    await answered(async () => {
      const response = await fetch(contentOf(path), { method: 'PUT', body, headers: headers() });
      if (response.status === 503) throw new TypeError('It starts.');
      assert.equal(response.status, 200, await response.text());
    });
  }

  const answered = <T>(ask: () => Promise<T>): Promise<T> => untilAnswered(ask, ended.signal);

  async function submitJobs(): Promise<string[]> {
    const submitted: string[] = [];
    for (let number = 0; !over.signal.aborted; number++) {
      const wanted = { project, job: 'prints', arguments: [`${number}`], idempotencyKey: `key-${number}` };
      submitted.push((await answered(() => gateway.api.jobs.run(wanted))).id);
      await delay(1000);
    }
    return submitted;
  }

  /** Each message once: what was done, though nobody heard of it, is not done again. */
  async function commit(): Promise<string[]> {
    const at = { project, repository: 'repo' };
    const messages: string[] = [];
    for (let number = 0; !over.signal.aborted; number++) {
      const message = `Commit ${number}`;
      await put('repo/a.txt', `${number}\n`);
      const isThere = async () => (await gateway.api.git.log({ ...at, limit: 1 }))[0]?.subject === message;
      await answered(async () => (await isThere()) || gateway.api.git.commit({ ...at, message, all: true }));
      messages.push(message);
      await delay(200);
    }
    return messages;
  }

  /** Follows one cell over all connections. @returns what it printed */
  async function follow(id: string): Promise<string> {
    let text = '';
    let since: number | undefined;
    for (let status = ''; status !== 'idle';) {
      await using socket = await answered(() => openKernel(gateway, { project, kernel, ...(since !== undefined && { since }) }));
      if (since === undefined) socket.send(request(ticks, id));
      for (let record = await socket.next(); record; record = status === 'idle' ? null : await socket.next()) {
        if (record.seq === 0) continue;
        if (since !== undefined) assert.equal(record.seq, since + 1, 'a record is missing, doubled, or out of order');
        since = record.seq;
        if (record.parent_header.msg_id !== id) continue;
        if (record.header.msg_type === 'stream') text += record.content['text'] as string;
        if (record.header.msg_type === 'status') status = record.content['execution_state'] as string;
      }
    }
    return text;
  }

  async function killNowAndThen(): Promise<number> {
    const next = random(seed);
    let longest = 0;
    for (let killed = 0; killed < kills; killed++) {
      await delay(300 + next() * 3000);
      await gateway.kill();
      const began = Date.now();
      await gateway.start();
      longest = Math.max(longest, Date.now() - began);
    }
    return longest;
  }

  async function checkJob(execution: string, number: number): Promise<void> {
    const log = [];
    for await (const line of await gateway.api.executions.log({ project, execution })) log.push(line);
    const { state, cause } = await gateway.api.executions.get({ project, execution });
    assert.equal(state, 'succeeded', cause ?? '');
    const expected = ['*** ***', ...Array.from({ length: lines }, (_, line) => `${number}: line ${line}`), '***'];
    assert.deepEqual(
      log
        .map(({ text }) => text)
        .join('')
        .trimEnd()
        .split('\n'),
      expected,
      `the log of execution ${number}`,
    );
    const ran = await fetch(contentOf(`ran-${number}`), { headers: headers() });
    assert.equal(await ran.text(), 'x', `execution ${number} ran more than once, or not at all`);
  }

  it(`loses nothing and shows no secret (${kills} kills, seed ${seed})`, async (t) => {
    const cell = follow(randomUUID());
    const working = Promise.all([submitJobs(), commit()]);
    const longest = await killNowAndThen();
    over.abort();
    const [submitted, messages] = await working;
    await put('enough', '');
    const printed = (await cell).trimEnd().split('\n');
    const counted = printed.length - 1;
    assert.deepEqual(printed, [...Array.from({ length: counted }, (_, i) => `${i} ***`), `counted ${counted}`]);

    for (const [number, execution] of submitted.entries()) await checkJob(execution, number);
    const all = await gateway.api.executions.list({ project, limit: 1000 });
    assert.deepEqual(all.map(({ id }) => id).toSorted(), submitted.toSorted());

    const log = await gateway.api.git.log({ project, repository: 'repo', limit: 1000 });
    const made = log.map(({ subject }) => subject).filter((subject) => subject.startsWith('Commit '));
    assert.deepEqual(made.toReversed(), messages);

    {
      await using socket = await openKernel(gateway, { project, kernel });
      assert.equal((await run(socket, 'print(i)')).text, `${counted}\n`);
    }
    assert.deepEqual((await searchEverywhere(gateway, project, [secret, own, server.token])).found, []);
    const figures = `${submitted.length} jobs once, ${submitted.length * (lines + 2)} log lines, ${counted} kernel lines, ${made.length} commits`;
    t.diagnostic(`${kills} kills: ${figures}, back after at most ${longest} ms, no secret found`);
  });
});
