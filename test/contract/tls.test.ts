/** The gateway over TLS: which connections it takes, and how a certificate is renewed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { connect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { trustCertificates } from '@bine/client/node/trust';
import { createGateway } from '@bine/gateway';
import { readConfig } from '@bine/gateway/config';
import { apiPrefix } from '@bine/shared';
import { createLog } from '../../gateway/src/lib/log.ts';
import { ensureSelfSigned } from '../../gateway/src/adapters/tls/self-signed.ts';
import { until } from '../until.ts';
import { startGateway } from './gateway.ts';

async function greet(url: string, options: ConnectionOptions): Promise<{ protocol: string | null; fingerprint: string }> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  const answer = { protocol: socket.getProtocol(), fingerprint: socket.getPeerCertificate().fingerprint256 };
  socket.destroy();
  return answer;
}

describe('a gateway with TLS', () => {
  it('makes a certificate, tells clients on this machine what to trust, and serves calls and sockets', async () => {
    // Its own socket client connects while it starts, so that what it is to trust has to be known before.
    const home = await mkdtemp(join(tmpdir(), 'bine-tls-'));
    const files = await ensureSelfSigned(home, ['127.0.0.1', 'localhost']);
    trustCertificates(await readFile(files.certificate, 'utf8'));
    await using gateway = await startGateway({ env: { BINE_TLS_CERT: files.certificate, BINE_TLS_KEY: files.key } });
    assert.match(gateway.url, /^https:\/\/127\.0\.0\.1:\d+$/);
    const announced = JSON.parse(await readFile(join(gateway.home, 'gateway.json'), 'utf8')) as { url: string; certificate: string };
    assert.equal(announced.url, gateway.url);
    const trusted = await readFile(join(gateway.home, announced.certificate), 'utf8');
    assert.equal(trusted, await readFile(files.certificate, 'utf8'));
    assert.equal((await gateway.fetch(`${apiPrefix}/me`, { key: gateway.key })).status, 200);
    assert.equal((await (await gateway.connect(gateway.key)).access.me({})).user.name, 'admin');
    await rm(home, { recursive: true });
  });

  it('speaks TLS 1.2 and 1.3, nothing older, and no plain HTTP', async () => {
    await using gateway = await startSelfSigned();
    assert.equal((await greet(gateway.url, { maxVersion: 'TLSv1.2' })).protocol, 'TLSv1.2');
    assert.equal((await greet(gateway.url, {})).protocol, 'TLSv1.3');
    await assert.rejects(greet(gateway.url, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }));
    await assert.rejects(fetch(gateway.url.replace('https', 'http')));
  });

  it('shows a renewed certificate without a restart, and keeps the old one while half of the new is there', async ({ signal }) => {
    const home = await mkdtemp(join(tmpdir(), 'bine-tls-'));
    const [old, renewed] = await Promise.all(['old', 'new'].map((name) => ensureSelfSigned(join(home, name), ['127.0.0.1'])));
    await cp(join(home, 'old'), join(home, 'used'), { recursive: true });
    const [certificate, key] = [join(home, 'used', 'certificate.pem'), join(home, 'used', 'key.pem')];
    await using gateway = await createGateway(testConfig(home, ['--tls-cert', certificate, '--tls-key', key]), createLog('silent'));
    const before = (await greet(gateway.url, {})).fingerprint;
    await cp(renewed!.certificate, certificate);
    assert.equal((await greet(gateway.url, {})).fingerprint, before);
    await cp(renewed!.key, key);
    await until(async () => (await greet(gateway.url, {})).fingerprint !== before, 'the renewed certificate', { signal });
    assert.ok(old);
    await gateway[Symbol.asyncDispose]();
    await rm(home, { recursive: true });
  });

  it('keeps its own certificate from start to start', async () => {
    const home = await mkdtemp(join(tmpdir(), 'bine-tls-'));
    const first = await ensureSelfSigned(home, ['127.0.0.1']);
    const text = await readFile(first.certificate, 'utf8');
    await ensureSelfSigned(home, ['127.0.0.1']);
    assert.equal(await readFile(first.certificate, 'utf8'), text);
    await ensureSelfSigned(home, ['127.0.0.1', 'bine.example.org']);
    assert.notEqual(await readFile(first.certificate, 'utf8'), text);
    await rm(home, { recursive: true });
  });

  it('is what other addresses than loopback need, unless somebody says otherwise', async () => {
    const home = await mkdtemp(join(tmpdir(), 'bine-tls-'));
    const code = (error: { code: string; message: string }) => error.code === 'invalid' && /--tls-cert/.test(error.message);
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'bine.example.org']) {
      await assert.rejects(createGateway(testConfig(home, ['--host', host]), createLog('silent')), code);
    }
    await using gateway = await createGateway(testConfig(home, ['--host', '0.0.0.0', '--insecure']), createLog('silent'));
    assert.match(gateway.url, /^http:/);
    await gateway[Symbol.asyncDispose]();
    await rm(home, { recursive: true });
  });

  it('does not start with a certificate that it cannot use', async () => {
    const home = await mkdtemp(join(tmpdir(), 'bine-tls-'));
    const one = await ensureSelfSigned(join(home, 'one'), ['127.0.0.1']);
    const two = await ensureSelfSigned(join(home, 'two'), ['127.0.0.1']);
    for (const [certificate, key] of [
      [one.certificate, two.key],
      [one.key, one.certificate],
      [join(home, 'nothing.pem'), one.key],
    ] as const) {
      const config = testConfig(home, ['--tls-cert', certificate, '--tls-key', key]);
      await assert.rejects(createGateway(config, createLog('silent')), (error: { code: string }) => error.code === 'invalid');
    }
    assert.throws(() => testConfig(home, ['--tls-cert', one.certificate]), /belong together/);
    assert.throws(() => testConfig(home, ['--tls', 'yes']), /self-signed/);
    await rm(home, { recursive: true });
  });
});

function testConfig(home: string, flags: string[]) {
  return readConfig(['--home', join(home, 'home'), '--port', '0', '--docker', `unix://${join(home, 'none.sock')}`, ...flags], {});
}

async function startSelfSigned() {
  const home = await mkdtemp(join(tmpdir(), 'bine-tls-'));
  const gateway = await createGateway(testConfig(home, ['--tls', 'self-signed']), createLog('silent'));
  return {
    url: gateway.url,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await rm(home, { recursive: true });
    },
  };
}
