/** Clients that are slow, silent or odd: others are served, and each is answered as HTTP says. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { apiPrefix } from '@bine/shared';
import { startGateway } from './gateway.ts';
import type { TestGateway } from './gateway.ts';

describe('a client', () => {
  let gateway: TestGateway;
  const sockets = new Set<Socket>();

  before(async () => {
    gateway = await startGateway();
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    await gateway[Symbol.asyncDispose]();
  });

  async function open(head = ''): Promise<Socket> {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    sockets.add(socket);
    await once(socket, 'connect');
    if (head) socket.write(head.replace('HOST', `${hostname}:${port}`));
    return socket;
  }

  it('is served beside a thousand that send nothing, or half of a request', async () => {
    const slow = await Promise.all(
      Array.from({ length: 1000 }, (_, i) => open(i % 2 ? '' : `GET ${apiPrefix}/projects HTTP/1.1\r\nHost: HOST\r\nX-Slow: `)),
    );
    for (let i = 0; i < 20; i++) assert.equal((await gateway.fetch(`${apiPrefix}/me`, { key: gateway.key })).status, 200);
    const gone = slow.filter((socket) => socket.destroyed || socket.readableEnded).length;
    assert.ok(gone >= 400, `${gone} of the oldest went`);
    for (const socket of slow) socket.destroy();
  });

  it('that never ends its headers is told so and disconnected', async () => {
    const socket = await open(`GET ${apiPrefix}/projects HTTP/1.1\r\nHost: HOST\r\nX-Slow: `);
    const answer = await text(socket);
    assert.match(answer, /^HTTP\/1\.1 408 /);
    assert.match(answer, /"code":"too-slow"/);
  });

  it('without a key is refused before its body is read', async () => {
    const socket = await open(
      `POST ${apiPrefix}/projects HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
    );
    const [first] = (await once(socket, 'data')) as [Buffer];
    assert.match(String(first), /^HTTP\/1\.1 401 /);
    await once(socket.resume(), 'close');
  });

  it('that offers to go over to HTTP/2 is answered as if it had not', async () => {
    const head = ['Host: HOST', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAEAAEAA', 'Connection: close'];
    const answer = await text(await open(`GET ${apiPrefix}/health HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`));
    assert.match(answer, /^HTTP\/1\.1 200 /);
  });

  for (const [method, path, allow] of [
    ['TRACE', `${apiPrefix}/projects`, 'GET, POST'],
    ['PROPFIND', `${apiPrefix}/projects`, 'GET, POST'],
    ['PATCH', `${apiPrefix}/health`, 'GET'],
    ['POST', `${apiPrefix}/projects/p/files/content`, 'GET, HEAD, PUT'],
  ]) {
    it(`is told by 405 that ${path} does not know ${method}, and what it knows`, async () => {
      const head = ['Host: HOST', `Authorization: Bearer ${gateway.key}`, 'Connection: close'];
      const answer = await text(await open(`${method} ${path} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`));
      assert.match(answer, /^HTTP\/1\.1 405 /);
      assert.match(answer, new RegExp(`\r\nallow: ${allow}\r\n`, 'i'));
      assert.match(answer, /"code":"bad-method"/);
    });
  }

  it('whose headers are too large is told so in a problem', async () => {
    const answer = await text(await open(`GET ${apiPrefix}/health HTTP/1.1\r\nHost: HOST\r\nX-Large: ${'x'.repeat(40_000)}\r\n\r\n`));
    assert.match(answer, /^HTTP\/1\.1 431 /);
    assert.match(answer, /"code":"headers-too-large"/);
  });
});
