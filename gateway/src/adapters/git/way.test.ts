import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { Problem } from '@bine/shared/problems';
import { parseAllowance, resolveAllowances } from '../egress/allowed.ts';
import { checkServer, openWay, serverOf } from './way.ts';

async function listen(t: TestContext): Promise<number> {
  const server = createServer((socket) => void socket.end('hello')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** @returns the status with which the proxy answers */
async function ask(proxy: string, path: string): Promise<number> {
  const { hostname, port } = new URL(proxy);
  const asked = request({ host: hostname, port, method: 'CONNECT', path }).end();
  const [response, socket] = (await once(asked, 'connect')) as [{ statusCode: number }, { destroy(): void }];
  socket.destroy();
  return response.statusCode;
}

describe('the way to a Git server', () => {
  for (const url of [
    'https://localhost/a',
    'https://localhost./a',
    'https://LOCALHOST/a',
    'https://127.0.0.1/a',
    'https://127.1/a',
    'https://2130706433/a',
    'https://0x7f.0.0.1/a',
    'https://0177.0.0.1/a',
    'https://0/a',
    'https://[::1]/a',
    'https://[::ffff:127.0.0.1]/a',
    'https://[::ffff:7f00:1]/a',
    'https://[fe80::1]/a',
    'https://10.0.0.1/a',
    'https://192.168.1.1/a',
    'https://172.16.0.1/a',
    'https://169.254.169.254/a',
    'https://100.64.0.1/a',
    'https://[fd00::1]/a',
    'https://[64:ff9b::7f00:1]/a',
    'https://224.0.0.1/a',
  ]) {
    it(`is refused to ${url}, and it is said how to allow it`, async () => {
      await assert.rejects(
        checkServer(serverOf(url), []),
        (error) => error instanceof Problem && error.code === 'git-failed' && /private network.*--allow-egress/.test(error.message),
      );
    });
  }

  it('leads to the server that was checked, where it is listed, and to no other', async (t) => {
    const [port, other] = [await listen(t), await listen(t)];
    await using way = await openWay({ host: 'localhost', port }, await resolveAllowances([parseAllowance(`localhost:${port}`)]));
    assert.equal(await ask(way.proxy, `localhost:${port}`), 200);
    assert.equal(await ask(way.proxy, `LOCALHOST:${port}`), 200);
    for (const path of [`127.0.0.1:${port}`, `localhost:${other}`, `[::1]:${port}`, 'localhost'])
      assert.equal(await ask(way.proxy, path), 403, path);
    assert.deepEqual(way.elsewhere.slice(0, 2), [`127.0.0.1:${port}`, `localhost:${other}`]);
  });
});
