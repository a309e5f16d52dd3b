/** How much one key and one address may take of the gateway, and that others are served meanwhile. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { apiPrefix, socketPath, socketProtocol } from '@bine/shared';
import type { WebSocket } from 'ws';
import { until } from '../until.ts';
import { Refused, openSocket, opened, startGateway } from './gateway.ts';
import type { TestGateway } from './gateway.ts';

const mostUnderWay = 500;
const mostSockets = 256;
const mostStrangers = 512;
const mostOfUser = 1024;

describe('a gateway', { timeout: 240_000 }, () => {
  it('refuses a key more calls and streams than it may have under way, serves others, and the key again when some have ended', async ({
    signal,
  }) => {
    await using gateway = await startGateway();
    const [greedy, other] = [await gateway.user('greedy'), await gateway.user('other')];
    const over = new AbortController();
    const stream = (signal: AbortSignal) => gateway.fetch(`${apiPrefix}/events`, { key: greedy, signal });
    const first = new AbortController();
    const answers = await Promise.all(Array.from({ length: mostUnderWay }, (_, i) => stream(i === 0 ? first.signal : over.signal)));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);

    const refusal = await gateway.fetch(`${apiPrefix}/me`, { key: greedy });
    const { code, detail } = (await refusal.json()) as { code: string; detail: string };
    assert.deepEqual([refusal.status, code, refusal.headers.get('retry-after')], [429, 'too-many', '1']);
    assert.match(detail, /^This key has 500 calls and streams under way\. Close some/);
    assert.equal((await gateway.fetch(`${apiPrefix}/me`, { key: other })).status, 200);

    first.abort();
    // The gateway hears of it when the connection's end has come.
    const isServed = async () => (await gateway.fetch(`${apiPrefix}/me`, { key: greedy })).status === 200;
    await until(isServed, 'the key to be served again', { signal });
    over.abort();
  });

  it('refuses a key more sockets than it may have, and lets others connect', async () => {
    await using gateway = await startGateway();
    const [greedy, other] = [await gateway.user('greedy'), await gateway.user('other')];
    const sockets = Array.from({ length: mostSockets }, () => socketOf(gateway, greedy));
    await Promise.all(sockets.map(opened));
    await assert.rejects(opened(socketOf(gateway, greedy)), (error: unknown) => {
      assert.ok(error instanceof Refused);
      assert.deepEqual([error.status, error.data.code], [409, 'conflict']);
      assert.match(error.data.detail, /^This API key has 256 open sockets/);
      return true;
    });
    await gateway.connect(other);
    for (const socket of sockets) socket.terminate();
  });

  it('refuses a user more connections than one may have, with whatever keys, and lets others connect', async () => {
    await using gateway = await startGateway();
    const greedy = await gateway.user('greedy');
    const admin = await gateway.connect(gateway.key);
    const keys = [greedy, (await admin.access.createKey({ name: 'another', user: 'greedy' })).secret];
    const ask = async (key: string) => {
      const socket = await plain(gateway);
      const answer = once(socket, 'data') as Promise<[Buffer]>;
      socket.write(`GET ${apiPrefix}/me HTTP/1.1\r\nHost: ${new URL(gateway.url).host}\r\nAuthorization: Bearer ${key}\r\n\r\n`);
      return { socket, status: String((await answer)[0]).slice(9, 12) };
    };
    const open: Socket[] = [];
    for (let i = 0; i < mostOfUser; i++) {
      const { socket, status } = await ask(keys[i % 2]!);
      assert.equal(status, '200');
      open.push(socket);
    }
    assert.deepEqual(await Promise.all(keys.map(async (key) => (await ask(key)).status)), ['429', '429']);
    assert.equal((await ask(gateway.key)).status, '200');
    const closed = once(open[0]!, 'close');
    open[0]!.destroy();
    await closed;
    // The gateway hears of it when the connection's end has come.
    await until(async () => (await ask(greedy)).status === '200', 'another connection of the user to be accepted');
    for (const socket of open) socket.destroy();
  });

  it('keeps nothing of handshakes that fail, and stops, although their clients never close', async () => {
    await using gateway = await startGateway();
    const clumsy = await gateway.user('clumsy');
    const { host, hostname, port } = new URL(gateway.url);
    const upgrade = [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 7',
    ];
    const request = [`GET ${socketPath} HTTP/1.1`, `Host: ${host}`, `Authorization: Bearer ${clumsy}`, ...upgrade, '', ''].join('\r\n');
    const sockets: Socket[] = [];
    for (let i = 0; i < mostUnderWay; i++) {
      const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true }).resume();
      socket.on('error', () => undefined).write(request);
      sockets.push(socket);
      await once(socket, 'end');
    }
    assert.equal((await gateway.fetch(`${apiPrefix}/me`, { key: clumsy })).status, 200);
    await gateway[Symbol.asyncDispose]();
    for (const socket of sockets) socket.destroy();
  });

  it('keeps only so many connections of an address that show no key, and those that showed one are not ended for them', async () => {
    await using gateway = await startGateway();
    const known = await gateway.connect(gateway.key);
    const strangers: Socket[] = [];
    for (let i = 0; i < mostStrangers; i++) strangers.push(await plain(gateway));
    const oldest = once(strangers[0]!, 'close');
    for (let i = 0; i < 10; i++) strangers.push(await plain(gateway));
    await oldest;
    assert.equal(strangers.at(-1)!.destroyed, false);
    assert.equal((await known.access.me({})).user.name, 'admin');
    for (const socket of strangers) socket.destroy();
  });
});

function socketOf(gateway: TestGateway, key: string): WebSocket {
  return openSocket(gateway.url, socketPath, { protocol: socketProtocol, key });
}

async function plain(gateway: TestGateway): Promise<Socket> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket.resume();
}
