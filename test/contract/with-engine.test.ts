/** Streams and sockets of what runs in containers: how they are resumed, and that they end with what allowed them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { apiPrefix, kernelChannels } from '@bine/shared';
import { encodeMessage, kernelSocketProtocol } from '@bine/shared/kernel-wire';
import { openSocket, opened, startGateway } from './gateway.ts';
import type { Client, TestGateway } from './gateway.ts';

const docker = process.env['DOCKER_HOST']?.replace('unix://', '') ?? '/var/run/docker.sock';
const project = 'churn';
const environment = 'python-inference';

type Sent = { event: string; id: string; data: Record<string, unknown> };

describe('what runs in a container', { timeout: 840_000 }, () => {
  let gateway: TestGateway;
  let admin: Client;
  before(async () => {
    gateway = await startGateway({ docker });
    admin = await gateway.connect(gateway.key);
    await admin.projects.create({ name: project });
  });
  after(() => gateway[Symbol.asyncDispose]());

  /** All of a stream that ends by itself. */
  async function readAll(path: string, lastEventId?: string): Promise<Sent[]> {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const text = await (await gateway.fetch(`${apiPrefix}/projects/${project}${path}`, { key: gateway.key, headers })).text();
    return text.split('\n\n').flatMap((block) => {
      const fields = Object.fromEntries(block.split('\n').map((line) => /^(\w*): ?(.*)$/.exec(line)?.slice(1) ?? [])) as Partial<
        Record<string, string>
      >;
      if (fields['event'] === undefined) return [];
      return [{ event: fields['event'], id: fields['id'] ?? '', data: JSON.parse(fields['data'] || '{}') as Sent['data'] }];
    });
  }

  /** Read to its end; again after its first value; and again after its last. */
  async function assertResumes(path: string): Promise<void> {
    const all = await readAll(path);
    assert.equal(all.at(-1)?.event, 'done', JSON.stringify(all));
    assert.deepEqual(all.at(-1)!.data, {});
    const values = all.slice(0, -1);
    assert.ok(values.length > 0 && values.every(({ event, id }) => event === 'message' && id !== ''), JSON.stringify(all));
    assert.equal(new Set(values.map(({ id }) => id)).size, values.length, 'ids that differ');
    assert.deepEqual((await readAll(path, values[0]!.id)).slice(0, -1), values.slice(1));
    assert.deepEqual(
      (await readAll(path, values.at(-1)!.id)).map(({ event }) => event),
      ['done'],
    );
  }

  it('has a log that goes on after the line that its reader saw last, and says when it is over', async () => {
    const content = `${apiPrefix}/projects/${project}/files/content?path=three.py`;
    await gateway.fetch(content, { key: gateway.key, method: 'PUT', body: 'for i in range(3): print(i)\n' });
    await admin.jobs.put({ project, job: 'three', path: 'three.py', environment, compute: { cores: 0.5, memory: 256 } });
    const { id } = await admin.jobs.run({ project, job: 'three' });
    await assertResumes(`/executions/${id}/log`);
  });

  it('has asterisks in its log for what a program takes out of its secrets', async () => {
    const lines = Array.from({ length: 3 }, (_, i) => Buffer.from(`line ${i} of the private key`).toString('base64'));
    const account = JSON.stringify({ type: 'service_account', private_key: lines.join('\n') }, null, 2);
    await admin.secrets.set({ project, name: 'ACCOUNT', value: account });
    await admin.secrets.set({ project, name: 'SETTINGS', value: 'REGION=north-1\nDB_PASSWORD=hunter22+8\n' });
    const program = `import json, os
account = json.loads(os.environ['ACCOUNT'])
password = os.environ['SETTINGS'].split('PASSWORD=')[1].strip()
print(account['type'], 'north-1', password, password.encode().hex())
print(account['private_key'])
`;
    await gateway.fetch(`${apiPrefix}/projects/${project}/files/content?path=takes.py`, { key: gateway.key, method: 'PUT', body: program });
    const secrets = [{ name: 'ACCOUNT' }, { name: 'SETTINGS' }];
    await admin.jobs.put({ project, job: 'takes', path: 'takes.py', environment, compute: { cores: 0.5, memory: 256 }, secrets });
    const { id } = await admin.jobs.run({ project, job: 'takes' });
    const log = (await readAll(`/executions/${id}/log`)).map(({ data }) => data['text'] as string | undefined).join('');
    assert.match(log, /^service_account north-1 \*\*\* \*\*\*\n(\*\*\*\n?)+$/m);
    for (const line of lines) assert.ok(!log.includes(line), log);
  });

  it('is told of as an operation of Git that goes on after the state that its reader saw last', async () => {
    const { id } = await admin.git.clone({ project, url: 'https://127.0.0.1:1/x.git' });
    await readAll(`/git/operations/${id}`);
    await assertResumes(`/git/operations/${id}`);
  });

  it('is told of as a build that goes on after the line that its reader saw last', async () => {
    const clone = await admin.environments.clone({ project, environment, name: 'grown' });
    const { id } = await admin.environments.change({ project, environment: clone.name, install: ['iniconfig'] });
    const path = `/environments/${clone.name}/log`;
    await readAll(path);
    const [change] = await admin.environments.changes({ project, environment: clone.name });
    assert.deepEqual([change?.id, change?.state, change?.problem], [id, 'succeeded', null]);
    await assertResumes(path);
    await assertResumes(`${path}?change=${id}`);
  });

  it('is not left to another user of the same name: kernels with secrets of a deleted user end, and what waits does not start', async () => {
    const bob = await gateway.connect(await gateway.user('bob'));
    await admin.projects.setMember({ project, user: 'bob', role: 'data-scientist' });
    await bob.secrets.setMine({ name: 'TOKEN', value: 'of the first bob' });
    const own = await bob.kernels.start({ project, environment, memory: 256, secrets: [{ name: 'TOKEN' }] });
    const shared = await bob.kernels.start({ project, environment, memory: 256 });
    await admin.projects.setLimits({ project, running: 0 });
    const program = `${apiPrefix}/projects/${project}/files/content?path=own.py`;
    await gateway.fetch(program, { key: gateway.key, method: 'PUT', body: 'print(1)\n' });
    await admin.jobs.put({ project, job: 'own', path: 'own.py', environment, compute: { cores: 0.5, memory: 256 } });
    const waits = await bob.jobs.run({ project, job: 'own' });
    await admin.access.deleteUser({ name: 'bob' });
    const cause = 'The user "bob" was deleted.';
    const ended = await admin.kernels.get({ project, kernel: own.id });
    assert.deepEqual([ended.state, ended.cause], ['stopped', cause]);
    const stopped = await admin.executions.get({ project, execution: waits.id });
    assert.deepEqual([stopped.state, stopped.cause], ['stopped', cause]);
    const left = await admin.kernels.get({ project, kernel: shared.id });
    assert.ok(!['stopped', 'dead'].includes(left.state), left.state);
    await admin.kernels.shutdown({ project, kernel: shared.id });
    await admin.projects.setLimits({ project, running: 'default' });
  });

  it('loses the socket of a key that is revoked, whatever the client makes of the close', async () => {
    const { key, secret } = await admin.access.createKey({ name: 'short' });
    const { id: kernel } = await admin.kernels.start({ project, environment, memory: 512 });
    for await (const event of await admin.events.subscribe({}, { lastEventId: '0' })) {
      if (event.type !== 'kernel.changed' || event.data.id !== kernel) continue;
      assert.notEqual(event.data.state, 'dead', event.data.cause ?? '');
      if (event.data.state === 'idle') break;
    }
    const path = `${apiPrefix}${kernelChannels.path.replace('{project}', project).replace('{kernel}', kernel)}`;
    const [polite, deaf] = [0, 1].map(() => openSocket(gateway.url, path, { protocol: kernelSocketProtocol, key: secret }));
    await Promise.all([opened(polite!), opened(deaf!)]);
    const noted = (await admin.audit.list({ key: key.id })).map(({ procedure, subject, outcome }) => [procedure, subject, outcome]);
    assert.deepEqual(
      noted,
      [polite, deaf].map(() => ['kernels.channels', { project, kernel }, 'ok']),
    );

    // A reader runs no code until a new role allows it.
    const reader = await gateway.user('reader');
    await admin.projects.setMember({ project, user: 'reader', role: 'viewer' });
    const watching = openSocket(gateway.url, path, { protocol: kernelSocketProtocol, key: reader });
    await opened(watching);
    const ofReader = async () => (await admin.audit.list({ user: 'reader' })).map(({ procedure, outcome }) => [procedure, outcome]);
    assert.deepEqual(await ofReader(), []);
    await admin.projects.setMember({ project, user: 'reader', role: 'data-scientist' });
    const answered = once(watching, 'message');
    const header = { msg_id: 'asked', msg_type: 'kernel_info_request', session: 's', username: '', date: '', version: '5.3' };
    watching.send(encodeMessage({ channel: 'shell', header, parent_header: {}, metadata: {}, content: {}, buffers: [] }));
    await answered;
    assert.deepEqual(await ofReader(), [['kernels.channels', 'ok']]);
    watching.terminate();

    const connection = (deaf as unknown as { _socket: Socket })._socket;
    // Nothing of what comes is understood any more, not even the close.
    connection.removeAllListeners('data');
    const cut = once(connection.resume(), 'close');
    const told = once(polite!, 'close') as Promise<[number, Buffer]>;
    await admin.access.revokeKey({ key: key.id });
    const [[code, reason]] = await Promise.all([told, cut]);
    assert.deepEqual([code, /revoked/.test(String(reason))], [1008, true], String(reason));
    assert.equal((await admin.kernels.get({ project, kernel })).state, 'idle', 'the kernel goes on');
    await admin.kernels.shutdown({ project, kernel });
  });
});
