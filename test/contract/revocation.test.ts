/** Everything that a key has under way ends when the key, its user or a membership does, whatever the client thinks of that. */
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { glob, truncate } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { apiPrefix, socketPath, socketProtocol } from '@bine/shared';
import type { Scope } from '@bine/shared';
import { until } from '../until.ts';
import { openSocket, opened, startGateway } from './gateway.ts';
import type { Client, TestGateway } from './gateway.ts';

const contentPath = (project: string, path: string) => `${apiPrefix}/projects/${project}/files/content?path=${path}`;

/** More than can be sent before the end. */
const size = 16 * 2 ** 30;

describe('what a key has under way', () => {
  let gateway: TestGateway;
  let admin: Client;
  let count = 0;

  before(async () => {
    gateway = await startGateway();
    admin = await gateway.connect(gateway.key);
  });
  after(() => gateway[Symbol.asyncDispose]());

  type Member = { name: string; key: string; id: string; project: string; client: Client };

  /** A new user with a key, who may write in a project of the own. */
  async function member(): Promise<Member> {
    count += 1;
    const [name, project] = [`user-${count}`, `project-${count}`];
    await admin.access.createUser({ name });
    const { key, secret } = await admin.access.createKey({ name: 'test', user: name });
    await admin.projects.create({ name: project });
    await admin.projects.setMember({ project, user: name, role: 'data-scientist' });
    await gateway.fetch(contentPath(project, `mark-${project}`), { key: gateway.key, method: 'PUT', body: 'x' });
    return { name, key: secret, id: key.id, project, client: await gateway.connect(secret) };
  }

  /** A request by hand, whose connection nobody closes from here. */
  async function raw(head: string[], key: string): Promise<Socket> {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write([...head, `Host: ${hostname}:${port}`, `Authorization: Bearer ${key}`, '', ''].join('\r\n'));
    return socket;
  }

  async function untilHeard(socket: Socket, text: string): Promise<void> {
    let seen = '';
    while (!seen.includes(text)) seen += String(((await once(socket, 'data')) as [Buffer])[0]);
  }

  /** Where the project's file of that name is. */
  async function placeOf(name: string): Promise<string> {
    for await (const found of glob(join(gateway.home, 'projects', '*', 'files', name))) return found;
    return assert.fail(`${name} is nowhere`);
  }

  /** Resolves when bytes of an upload to the project have come. */
  async function uploading(project: string): Promise<void> {
    const staged = join(await placeOf(`mark-${project}`), '..', '..', 'bin', '.incoming', '*', '*');
    const isThere = async () => {
      for await (const _ of glob(staged)) return true;
      return false;
    };
    await until(isThere, `bytes of an upload to ${project}`, { everyMs: 5 });
  }

  /** Opens it, and finds the gateway's end of the connection, since a client that does not read hears of nothing. */
  async function withFarEnd(open: () => Promise<Socket>): Promise<Socket> {
    const accepted = new Map<number | undefined, Socket>();
    const note = (message: unknown) => {
      const { socket } = message as { socket: Socket };
      accepted.set(socket.remotePort, socket);
    };
    subscribe('net.server.socket', note);
    try {
      const socket = await open();
      // What answers has been accepted.
      await once(socket, 'readable');
      return accepted.get(socket.localPort) ?? assert.fail('the gateway has no such connection');
    } finally {
      unsubscribe('net.server.socket', note);
    }
  }

  const closed = (socket: Socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()));

  /** Each opens one thing that would go on for ever, and resolves with its end. */
  const things: [string, (of: Member) => Promise<() => Promise<unknown>>][] = [
    [
      'a stream of events that is read',
      async ({ key }) => {
        const socket = await raw([`GET ${apiPrefix}/events HTTP/1.1`], key);
        await untilHeard(socket, 'event-stream');
        const end = closed(socket.resume());
        // The answer ends; a client that keeps the connection for more is told so by the next answer.
        const answered = untilHeard(socket, 'event: error');
        return () => Promise.race([answered, end]);
      },
    ],
    [
      'a stream of events that is never read',
      async ({ key }) => {
        const farEnd = await withFarEnd(() => raw([`GET ${apiPrefix}/events?after=0 HTTP/1.1`, 'Connection: close'], key));
        const end = closed(farEnd);
        return () => end;
      },
    ],
    [
      'a download that is never read',
      async ({ key, project }) => {
        await truncate(await placeOf(`mark-${project}`), size);
        const farEnd = await withFarEnd(() => raw([`GET ${contentPath(project, `mark-${project}`)} HTTP/1.1`], key));
        const end = closed(farEnd);
        return () => end;
      },
    ],
    [
      'a stream of changes',
      async ({ key, project }) => {
        const socket = await raw([`GET ${apiPrefix}/projects/${project}/files/changes HTTP/1.1`], key);
        await untilHeard(socket, 'HTTP/1.1 200');
        const end = closed(socket);
        const answered = untilHeard(socket, 'event: error');
        return () => Promise.race([answered, end]);
      },
    ],
    [
      'a download',
      async ({ key, project }) => {
        await truncate(await placeOf(`mark-${project}`), size);
        const socket = await raw([`GET ${contentPath(project, `mark-${project}`)} HTTP/1.1`], key);
        await untilHeard(socket, 'HTTP/1.1 200');
        const end = closed(socket.resume());
        return async () => {
          await end;
          assert.ok(socket.bytesRead < size, 'not all of it came');
        };
      },
    ],
    [
      'an upload',
      async ({ key, project }) => {
        const socket = await raw([`PUT ${contentPath(project, 'new')} HTTP/1.1`, 'Content-Length: 1000000'], key);
        socket.write('x'.repeat(1000));
        await uploading(project);
        const end = closed(socket.resume());
        return () => end;
      },
    ],
    [
      'a socket that ignores the close frame',
      async ({ key }) => {
        const socket = openSocket(gateway.url, socketPath, { protocol: socketProtocol, key });
        await opened(socket);
        const connection = (socket as unknown as { _socket: Socket })._socket;
        // Nothing of what comes is understood any more.
        connection.removeAllListeners('data');
        const end = closed(connection.resume());
        return () => end;
      },
    ],
    [
      'a call whose body does not come to its end',
      async ({ key, project }) => {
        const head = ['Expect: 100-continue', 'Content-Type: application/json', 'Content-Length: 1000'];
        const socket = await raw([`POST ${apiPrefix}/projects/${project}/files/folders HTTP/1.1`, ...head], key);
        await untilHeard(socket, 'HTTP/1.1 100');
        socket.write('{"path":"');
        // It came before this one, so its key is known by then.
        await gateway.fetch(`${apiPrefix}/me`, { key });
        // A silent one is disconnected after 20 s, this one after 60 s at the latest.
        let sent = 0;
        const timer = setInterval(() => {
          socket.write('x');
          sent += 1;
        }, 1000);
        const end = closed(socket.resume()).finally(() => clearInterval(timer));
        return async () => {
          await end;
          assert.ok(sent < 45, 'it was cut for the end of the key, not for its slowness');
        };
      },
    ],
  ];

  const ends: [string, (of: Member) => Promise<unknown>][] = [
    ['its key is revoked', ({ id }) => admin.access.revokeKey({ key: id })],
    ['its user is deleted', ({ name }) => admin.access.deleteUser({ name })],
    ['its user is disabled', ({ name }) => admin.access.updateUser({ name, disabled: true })],
  ];
  for (const [what, open] of things) {
    for (const [when, end] of ends) {
      it(`${what} ends when ${when}`, async () => {
        const of = await member();
        const ended = await open(of);
        await end(of);
        await ended();
      });
    }
  }

  it('all ends when its key expires', async () => {
    const of = await member();
    const { key, secret } = await admin.access.createKey({ name: 'nearly over', user: of.name });
    // Keys are made for days. What the database says of one counts from its first use on.
    const expires = Date.now() + 10_000;
    const database = new DatabaseSync(join(gateway.home, 'bine.db'), { timeout: 5000 });
    database.prepare('UPDATE keys SET expires = ? WHERE id = ?').run(new Date(expires).toISOString(), key.id);
    database.close();
    const ended = await Promise.all(things.map(([, open]) => open({ ...of, key: secret })));
    await Promise.all(ended.map((end) => end()));
    assert.ok(Date.now() >= expires, 'not before');
    assert.equal((await gateway.fetch(`${apiPrefix}/me`, { key: secret })).status, 401);
    assert.equal((await of.client.access.me({})).user.name, of.name, 'other keys live on');
  });

  for (const [what, open] of things.slice(2, 6)) {
    it(`${what} ends when its member is removed, while the key lives on`, async () => {
      const of = await member();
      const ended = await open(of);
      await admin.projects.removeMember({ project: of.project, user: of.name });
      await ended();
      assert.equal((await gateway.fetch(`${apiPrefix}/me`, { key: of.key })).status, 200);
    });
  }

  it('an upload ends when its member may only look from now on', async () => {
    const of = await member();
    const ended = await things[5]![1](of);
    await admin.projects.setMember({ project: of.project, user: of.name, role: 'viewer' });
    await ended();
  });

  it('a stream ends when its key loses the scope, and other calls of the key go on', async () => {
    const of = await member();
    const changes = await of.client.files.watch({ project: of.project });
    const read = async () => {
      for await (const _ of changes) continue;
    };
    const end = assert.rejects(read(), (error: { data: { code: string } }) => error.data.code === 'missing-scope');
    const { scopes } = (await of.client.access.me({})).key;
    await admin.access.updateKey({ key: of.id, scopes: scopes.filter((scope: Scope) => scope !== 'files:read') });
    await end;
    assert.equal((await of.client.access.me({})).user.name, of.name);
  });

  it('no call over an open socket is carried out after the key was revoked', async () => {
    const { key, secret } = await admin.access.createKey({ name: 'short' });
    const client = await gateway.connect(secret);
    await client.access.me({});
    const revoked = admin.access.revokeKey({ key: key.id });
    const calls = revoked.then(() => client.access.createUser({ name: 'too-late', admin: true }));
    await assert.rejects(calls);
    assert.ok(!(await admin.access.listUsers({})).some(({ name }) => name === 'too-late'));
  });

  it('a plain HTTP client is told why its stream ended', async () => {
    const of = await member();
    const stream = await gateway.fetch(`${apiPrefix}/events`, { key: of.key });
    await admin.access.revokeKey({ key: of.id });
    const text = await stream.text();
    assert.match(text, /event: error/);
    assert.match(text, /bad-key/);
  });

  it('whoever revokes the own key hears that it was done', async () => {
    const of = await member();
    const answer = await gateway.fetch(`${apiPrefix}/keys/${of.id}`, { key: of.key, method: 'DELETE' });
    assert.deepEqual([answer.status, await answer.json()], [200, { revoked: [of.id] }]);
    assert.equal((await gateway.fetch(`${apiPrefix}/me`, { key: of.key })).status, 401);
  });
});
