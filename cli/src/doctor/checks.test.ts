import assert from 'node:assert/strict';
import { once } from 'node:events';
import { symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createTestHost } from '../host.fixture.ts';
import type { Context } from '../verb.ts';
import { gatewayChecks } from './gateway-checks.ts';
import { machineChecks } from './machine-checks.ts';

async function look(name: string, env: Record<string, string> = {}, prepare: (home: string) => Promise<void> = async () => {}) {
  await using host = await createTestHost(env);
  await prepare(host.home);
  const check = [...machineChecks, ...gatewayChecks].find((one) => one.name === name)!;
  // All that these checks look at.
  const context = { host, home: host.env.BINE_HOME! } as unknown as Context;
  return await check.look({ context, engine: null, gateway: null });
}

describe('bine doctor', () => {
  it('says of a port whether it is free, taken, or none that can be used', async () => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const taken = await look('Port', { BINE_PORT: `${port}` });
    assert.deepEqual([taken?.state, taken?.text], ['fail', `${port} is taken by another program`]);
    server.close();
    await once(server, 'close');
    assert.equal((await look('Port', { BINE_PORT: `${port}` }))?.text, `${port} is free`);
    const wrong = await look('Port', { BINE_PORT: '70000' });
    assert.equal(wrong?.state, 'fail');
    assert.match(wrong.text, /^70000 cannot be used: .*65536/);
  });

  it('does not say of what it cannot look at that it is not there', async () => {
    const circle = (name: string) => (home: string) => symlink(name, join(home, name));
    await assert.rejects(look('Key', {}, circle('admin.key')), /admin\.key cannot be read: too many symbolic links/);
    assert.match((await look('Key'))!.text, /is not there; the first start makes it/);
  });
});
