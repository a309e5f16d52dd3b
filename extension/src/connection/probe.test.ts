import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ensureSelfSigned } from '../../../gateway/src/adapters/tls/self-signed.ts';
import { problemOfGateway } from './probe.ts';

async function listening(server: Server): Promise<Server & AsyncDisposable & { port: number }> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const dispose = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(server, { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: dispose });
}

const answerWith =
  (type: string): RequestListener =>
  (_, response) =>
    response.setHeader('content-type', type).end('{}');

describe('an address that is typed to sign in', () => {
  it('is one of a gateway where one answers', async () => {
    await using server = await listening(createServer(answerWith('application/json')));
    assert.equal(await problemOfGateway(`http://127.0.0.1:${server.port}`, fetch), null);
  });

  it('is refused with the reason where something else answers, or nothing', async () => {
    const server = await listening(createServer(answerWith('text/html')));
    const address = `http://127.0.0.1:${server.port}`;
    assert.equal(await problemOfGateway(address, fetch), `What answers at ${address} is no gateway. Check the address.`);
    await server[Symbol.asyncDispose]();
    const silence = await problemOfGateway(address, fetch);
    assert.match(
      silence!,
      /^No gateway answers at http:\/\/127\.0\.0\.1:\d+ \(connect ECONNREFUSED 127\.0\.0\.1:\d+\)\. Check the address/,
    );
  });

  it('is refused for its certificate where that is not trusted, with the setting that mends it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bine-probe-'));
    try {
      const files = await ensureSelfSigned(folder, ['127.0.0.1']);
      const pair = { cert: await readFile(files.certificate), key: await readFile(files.key) };
      await using server = await listening(createSecureServer(pair, answerWith('application/json')));
      const problem = await problemOfGateway(`https://127.0.0.1:${server.port}`, fetch);
      assert.match(problem!, /^The certificate of https:.* is not trusted \(.+\)\..*bine\.certificateFile/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
