/** Secrets reach the programs that were given them and nothing else, also while the gateway is killed and started again. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { apiPrefix, fileContent } from '@bine/shared';
import type { JobExecution } from '@bine/shared';
import { secretPlaces } from '../../gateway/src/lib/secret-places.ts';
import { startGateway, type TestGateway } from '../vscode/gateway.ts';
import { openKernel, run, untilKernel } from './kernel-client.ts';
import { searchEverywhere } from './planted.ts';

const project = 'sealed';
const environment = 'python-inference';
const compute = { cores: 0.5, memory: 512 };
const token = `tok+${randomBytes(18).toString('base64')}=&`;
const mine = `mine-${randomBytes(20).toString('hex')}`;
const key = `-----BEGIN KEY-----\n${[1, 2, 3, 4].map(() => randomBytes(48).toString('base64')).join('\n')}\n-----END KEY-----\n`;
/** What everybody may know, so that the search is seen to find what there is. */
const plain = `plain-${randomBytes(20).toString('hex')}`;
const planted = [token, mine, ...key.split('\n').slice(1, 5)];

const says = `import base64, json, os, sys, urllib.parse
token, mine = os.environ['API_TOKEN'], os.environ['OWN']
key = open(os.environ['KEY_PATH']).read()
assert key == open(os.path.join(os.environ['BINE_SECRETS_DIR'], 'KEY')).read()
assert 'KEY' not in os.environ
for text in (token, mine, key, json.dumps(key), base64.b64encode(token.encode()).decode(), urllib.parse.quote(token)):
    for at in range(0, len(text), 7):
        print(text[at:at + 7], end='', flush=True)
    print()
print(base64.b64encode(('user:' + mine).encode()).decode(), file=sys.stderr)
`;
const waits = `import time
print('waiting', flush=True)
while not os.path.exists('/project/go'): time.sleep(0.1)
`;
const fails = `raise ValueError('refused: ' + token + ' and ' + mine)
`;
/** What a package's build does with them. */
const setup = `
import base64, os
from setuptools import setup
token, mine, key = (open(os.path.join(os.environ["BINE_SECRETS_DIR"], name)).read() for name in ("API_TOKEN", "MINE", "KEY"))
`;
const builds = `${setup}setup(name="needs", version="1.0", description="${plain}", py_modules=[])\n`;
const tells = `${setup}raise RuntimeError("${plain} refused: " + token + " and " + mine + " " + base64.b64encode(("user:" + token).encode()).decode())\n`;
const secrets = [{ name: 'API_TOKEN' }, { name: 'MINE', variable: 'OWN' }, { name: 'KEY', as: 'file', variable: 'KEY_PATH' }] as const;

const cell = (source: string) => ({ cell_type: 'code', source, metadata: {}, outputs: [], execution_count: null });
const notebook = JSON.stringify({
  nbformat: 4,
  nbformat_minor: 4,
  metadata: {},
  cells: [cell(says), cell('(token, mine)'), cell(fails)],
});

describe('secrets', { timeout: 600_000 }, () => {
  let gateway: TestGateway;

  before(async () => {
    gateway = await startGateway();
    const { api } = gateway;
    await api.projects.create({ name: project });
    await api.secrets.set({ project, name: 'API_TOKEN', value: token });
    await api.secrets.setMine({ name: 'MINE', value: mine });
    // What is refused is written down nowhere either.
    await assert.rejects(api.secrets.setMine({ name: 'MINE', value: mine.repeat(3000) }), { status: 422 });
    await assert.rejects(api.secrets.setMine({ name: 'no name', value: mine }), { status: 422 });
    await api.secrets.set({ project, name: 'KEY', value: Buffer.from(key).toString('base64'), encoding: 'base64' });
    await put('says.py', says + waits + fails);
    await put('says.ipynb', notebook);
  });
  after(() => gateway[Symbol.asyncDispose]());

  async function put(path: string, body: string | Uint8Array<ArrayBuffer>): Promise<void> {
    const url = `${gateway.url}${apiPrefix}${fileContent.path.replace('{project}', project)}?path=${path}`;
    const response = await fetch(url, { method: 'PUT', body, headers: { authorization: `Bearer ${gateway.key}` } });
    assert.equal(response.status, 200, await response.text());
  }

  async function execute(job: string, path: string, variables: Record<string, string> = {}): Promise<JobExecution> {
    await gateway.api.jobs.put({ project, job, path, environment, compute, variables, secrets: [...secrets] });
    return gateway.api.jobs.run({ project, job });
  }

  async function logOf(execution: string, until = ''): Promise<string> {
    let log = '';
    for await (const { text } of await gateway.api.executions.log({ project, execution })) {
      log += text;
      if (until && log.includes(until)) break;
    }
    return log;
  }

  const search = (values: readonly string[]) => searchEverywhere(gateway, project, values);

  async function foldersInMemory(): Promise<string[]> {
    const found = [];
    for (const place of secretPlaces(process.env)) {
      for (const name of await readdir(place).catch(() => [])) {
        if (name.startsWith('bine-')) found.push(...(await readdir(join(place, name)).catch(() => [])));
      }
    }
    return found;
  }

  it('are found by their program and nowhere else, whatever it says and whoever dies', async () => {
    const { id: job } = await execute('says', 'says.py', { PLAIN: plain });
    const { id: kernel } = await gateway.api.kernels.start({ project, environment, memory: 512, secrets: [...secrets] });
    await untilKernel(gateway, { project, kernel }, ({ state }) => state === 'idle');
    {
      await using socket = await openKernel(gateway, { project, kernel });
      const { text, status } = await run(socket, says);
      assert.equal(status, 'ok', text);
      assert.match(text, /^\*\*\*\n\*\*\*\n\*\*\*\n/);
      assert.equal((await run(socket, fails)).status, 'error');
      assert.equal((await run(socket, `x = ${JSON.stringify(token)}\nx`)).status, 'ok');
    }
    await logOf(job, 'waiting');
    await gateway.kill();
    await gateway.start();
    await gateway.api.kernels.restart({ project, kernel });
    {
      await using socket = await openKernel(gateway, { project, kernel });
      assert.equal((await run(socket, says)).status, 'ok');
    }
    assert.deepEqual((await search(planted)).found, []);
    const { found } = await search([plain]);
    for (const where of ['bine.db', 'docker inspect', '/environ', 'the API', 'the events']) {
      assert.ok(
        found.some((one) => one.where.includes(where)),
        `a plain variable was not found in ${where}: ${JSON.stringify(found)}`,
      );
    }
    assert.ok((await foldersInMemory()).includes(job));

    await put('go', '');
    const log = await logOf(job);
    assert.match(log, /ValueError: refused: \*\*\* and \*\*\*/);
    const ended = await gateway.api.executions.get({ project, execution: job });
    assert.match(ended.cause ?? '', /ValueError: refused: \*\*\* and \*\*\*/);
    const { id: second } = await execute('notebook', 'says.ipynb');
    assert.match(await logOf(second), /\*\*\*/);
    assert.match((await gateway.api.executions.get({ project, execution: second })).cause ?? '', /refused: \*\*\* and \*\*\*/);
    await gateway.api.kernels.shutdown({ project, kernel });
    assert.deepEqual((await search(planted)).found, []);
    const left = await foldersInMemory();
    for (const id of [job, second, kernel]) assert.ok(!left.includes(id), `${id} is left`);
  });

  /** Installs a source archive, and says how it ended. */
  async function install(name: string, script: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'bine-archive-'));
    try {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'setup.py'), script);
      await promisify(execFile)('tar', ['-czf', join(folder, 'made'), '-C', folder, name]);
      await put(`${name}.tar.gz`, await readFile(join(folder, 'made')));
    } finally {
      await rm(folder, { recursive: true });
    }
    const clone = { project, environment: 'grown' };
    const names = secrets.map((secret) => secret.name);
    const { id: change } = await gateway.api.environments.change({ ...clone, wheels: [`${name}.tar.gz`], secrets: names });
    let log = '';
    for await (const { text, done } of await gateway.api.environments.log({ ...clone, change })) log += `${text}${done ?? ''}\n`;
    return log;
  }

  it('are found by the builds of packages and nowhere else, whatever they say', async () => {
    await gateway.api.environments.clone({ project, environment, name: 'grown' });
    const built = await install('needs-1.0', builds);
    assert.match(built, /succeeded\n$/);
    const told = await install('tells-1.0', tells);
    assert.match(told, /refused: \*\*\* and \*\*\* \S*\*\*\*/);
    assert.match(told, /failed\n$/);
    assert.deepEqual((await search(planted)).found, []);
    const { found } = await search([plain]);
    for (const where of ['docker save', 'bine.db', 'the API']) {
      assert.ok(
        found.some((one) => one.where.includes(where)),
        `what a build left was not found in ${where}: ${JSON.stringify(found)}`,
      );
    }
  });

  it('are as they are now when a kernel restarts', async () => {
    await gateway.api.secrets.set({ project, name: 'ROTATED', value: 'before-before' });
    const uses = [{ name: 'ROTATED' }];
    const { id: kernel } = await gateway.api.kernels.start({ project, environment, memory: 512, secrets: uses });
    await untilKernel(gateway, { project, kernel }, ({ state }) => state === 'idle');
    const code = "import os\nprint(os.environ['ROTATED'][::-1])";
    const said = async () => {
      await using socket = await openKernel(gateway, { project, kernel });
      return (await run(socket, code)).text;
    };
    assert.equal(await said(), 'erofeb-erofeb\n');
    await gateway.api.secrets.set({ project, name: 'ROTATED', value: 'after-after' });
    await gateway.api.kernels.restart({ project, kernel });
    await untilKernel(gateway, { project, kernel }, ({ state, epoch }) => state === 'idle' && epoch === 2);
    assert.equal(await said(), 'retfa-retfa\n');
    await gateway.api.secrets.remove({ project, name: 'ROTATED' });
    await assert.rejects(gateway.api.kernels.restart({ project, kernel }), { status: 422 });
    assert.equal(await said(), 'retfa-retfa\n', 'what runs keeps the value');
    await gateway.api.kernels.shutdown({ project, kernel });
  });

  it('of one user are not within reach of another, in whose name a program asks for them', async () => {
    await gateway.api.access.createUser({ name: 'other' });
    const other = gateway.as((await gateway.api.access.createKey({ name: 'test', user: 'other' })).secret);
    await gateway.api.projects.setMember({ project, user: 'other', role: 'data-scientist' });
    await gateway.api.jobs.put({ project, job: 'borrowed', path: 'says.py', environment, compute, secrets: [{ name: 'MINE' }] });
    await assert.rejects(other.jobs.run({ project, job: 'borrowed' }), { status: 422 });
    assert.deepEqual(await other.secrets.listMine({}), []);
  });
});
