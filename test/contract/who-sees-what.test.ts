/** Streams and sockets that outlast what allowed them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { apiPrefix, keyProtocolPrefix, socketPath, socketProtocol } from '@bine/shared';
import type { Event } from '@bine/shared';
import { getEventMeta } from '@orpc/client';
import { until } from '../until.ts';
import { openSocket, opened } from './gateway.ts';
import type { Client } from './gateway.ts';
import { gatewayOfSuite } from './suite.ts';

describe('who sees what', async () => {
  const { gateway, admin } = await gatewayOfSuite();

  /** Every event until one that `isLast`. */
  async function follow(client: Client, isLast: (event: Event) => boolean, lastEventId?: string): Promise<Event[]> {
    const seen: Event[] = [];
    for await (const event of await client.events.subscribe({}, lastEventId === undefined ? {} : { lastEventId })) {
      seen.push(event);
      if (isLast(event)) break;
    }
    return seen;
  }
  const told = (events: Event[]) => events.map(({ type, project }) => `${type} ${project}`);

  it('a member sees the events of a project, from joining to leaving and not beyond', async () => {
    const bob = await gateway.connect(await gateway.user('bob'));
    await bob.projects.create({ name: 'own' });
    const [created] = await follow(bob, () => true, '0');
    const seeing = follow(bob, (event) => event.type === 'project.changed' && event.project === 'own', String(created!.id));
    await admin.projects.create({ name: 'shared' });
    await admin.projects.setMember({ project: 'shared', user: 'bob', role: 'viewer' });
    await admin.projects.update({ project: 'shared', description: 'seen' });
    // He sees it before he is removed: what is told is decided when it is told.
    await follow(bob, (event) => event.type === 'project.changed', String(created!.id));
    await admin.projects.removeMember({ project: 'shared', user: 'bob' });
    await admin.projects.update({ project: 'shared', description: 'unseen' });
    await bob.projects.update({ project: 'own', description: 'the end' });
    assert.deepEqual(
      told(await seeing).filter((line) => !line.startsWith('project.created')),
      ['member.set shared', 'project.changed shared', 'member.removed shared', 'project.changed own'],
    );
  });

  it('a client that comes back is told what it missed, with ids that grow', async () => {
    const eve = await gateway.connect(await gateway.user('eve'));
    await eve.projects.create({ name: 'e1' });
    const [first] = await follow(eve, () => true, '0');
    assert.equal(getEventMeta(first!)?.id, String(first!.id));
    await eve.projects.create({ name: 'e2' });
    await eve.projects.create({ name: 'e3' });
    assert.deepEqual(told(await follow(eve, (event) => event.project === 'e3', String(first!.id))), [
      'project.created e2',
      'project.created e3',
    ]);
  });

  it('a plain HTTP client resumes with Last-Event-ID', async () => {
    const key = await gateway.user('fay');
    const fay = await gateway.connect(key);
    await fay.projects.create({ name: 'f1' });
    await fay.projects.create({ name: 'f2' });
    const [first] = await follow(fay, () => true, '0');
    const response = await gateway.fetch(`${apiPrefix}/events`, { key, headers: { 'last-event-id': String(first!.id) } });
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes('"f2"')) break;
    }
    assert.doesNotMatch(text, /"f1"/);
    assert.match(text, /^id: \d+$/m);
  });

  it('a stream of a project ends for who is removed from it', async () => {
    const key = await gateway.user('gus');
    const gus = await gateway.connect(key);
    await admin.projects.create({ name: 'watched' });
    await admin.projects.setMember({ project: 'watched', user: 'gus', role: 'viewer' });
    const changes = await gus.files.watch({ project: 'watched' });
    const first = changes.next();
    await touchUntil(first, 'watched', 'a');
    // Changes that were made before the end may still come.
    const rest = (async () => {
      for await (const _ of changes) continue;
    })();
    const ended = assert.rejects(rest, (error: { data: { code: string } }) => error.data.code === 'not-found');
    await admin.projects.removeMember({ project: 'watched', user: 'gus' });
    await ended;
  });

  /** Writes files until the change was told: a watch is not there from one moment to the next. */
  async function touchUntil(change: Promise<unknown>, project: string, name: string): Promise<void> {
    const over = change.then(
      () => true,
      () => true,
    );
    let round = 0;
    const touch = async () => {
      const path = `${name}${round++}`;
      await gateway.fetch(`${apiPrefix}/projects/${project}/files/content?path=${path}`, { key: gateway.key, method: 'PUT', body: 'x' });
      return Promise.race([over, delay(50, false)]);
    };
    await until(touch, `a change in ${project}`);
  }

  for (const [name, end] of [
    ['its key is revoked', async (client: Client) => admin.access.revokeKey({ key: (await client.access.me({})).key.id })],
    ['its user is deleted', async (client: Client) => admin.access.deleteUser({ name: (await client.access.me({})).user.name })],
  ] as const) {
    it(`a socket is closed when ${name}`, async () => {
      const key = await gateway.user(name.replaceAll(/[^a-z]/g, '-'));
      const socket = openSocket(gateway.url, socketPath, { protocol: socketProtocol, key });
      await opened(socket);
      const client = await gateway.connect(key);
      const closed = once(socket, 'close');
      await end(client);
      assert.equal((await closed)[0], 1008);
      assert.equal((await gateway.fetch(`${apiPrefix}/me`, { key })).status, 401);
    });
  }

  it('a browser, which can send no header with a socket, offers its key as a subprotocol', async () => {
    const socket = openSocket(gateway.url, socketPath, { protocol: [socketProtocol, `${keyProtocolPrefix}${gateway.key}`] });
    await opened(socket);
    assert.equal(socket.protocol, socketProtocol, 'the key is not sent back');
    socket.close();
    await once(socket, 'close');
  });

  it('a message that is not of the protocol closes the socket', async () => {
    const socket = openSocket(gateway.url, socketPath, { protocol: socketProtocol, key: gateway.key });
    await opened(socket);
    socket.send('{"nonsense');
    assert.equal((await once(socket, 'close'))[0], 1007);
  });

  it('a new key has no more than the one it was made with', async () => {
    const limited = await gateway.keyWithout('kernels:write', gateway.key);
    const client = await gateway.connect(limited);
    await assert.rejects(
      client.access.createKey({ name: 'more', scopes: ['kernels:write'] }),
      (error: { data: { code: string; detail: string } }) => {
        assert.equal(error.data.code, 'missing-scope');
        assert.match(error.data.detail, /kernels:write/);
        return true;
      },
    );
    const { key } = await client.access.createKey({ name: 'same' });
    assert.ok(!key.scopes.includes('kernels:write'));
  });
});
