/** What a program inside a kernel can't do to the gateway, to other kernels and to other people. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startGateway, type TestGateway } from '../vscode/gateway.ts';
import { openKernel, request, run, startKernel } from './kernel-client.ts';

const project = 'guarded';

async function keyOf(gateway: TestGateway, user: string): Promise<string> {
  await gateway.api.access.createUser({ name: user });
  return (await gateway.api.access.createKey({ name: 'test', user })).secret;
}

describe('a program in a kernel', () => {
  let gateway: TestGateway;
  let kernel: string;
  before(async () => {
    gateway = await startGateway();
    await gateway.api.projects.create({ name: project });
    kernel = await startKernel(gateway, project);
  });
  after(() => gateway[Symbol.asyncDispose]());

  it('is nobody: not root, without capabilities, without a way to get new privileges', async () => {
    await using socket = await openKernel(gateway, { project, kernel });
    const { text } = await run(socket, 'import os\nprint(os.getuid() != 0)\nprint(open("/proc/self/status").read())');
    assert.match(text, /^True\n/);
    assert.match(text, /CapEff:\s0000000000000000\n/);
    assert.match(text, /CapBnd:\s0000000000000000\n/);
    assert.match(text, /NoNewPrivs:\s1\n/);
  });

  it('cannot reach another kernel of its project', async () => {
    await using server = await openKernel(gateway, { project, kernel });
    const { text: address } = await run(
      server,
      `import socket
listener = socket.create_server(("0.0.0.0", 0))
print(socket.gethostbyname(socket.gethostname()), listener.getsockname()[1])`,
    );
    const [host, port] = address.trim().split(' ');
    assert.match(host!, /^\d+\.\d+\.\d+\.\d+$/);
    await using other = await openKernel(gateway, { project, kernel: await startKernel(gateway, project) });
    const { text } = await run(
      other,
      `import socket
try:
    socket.create_connection(("${host}", ${port}), timeout=2)
    print("reached")
except OSError as error:
    print("refused", type(error).__name__)`,
    );
    assert.match(text, /^refused (TimeoutError|ConnectionRefusedError|OSError)\n$/);
    // The same call from where it listens proves that there was something to reach.
    const own = await run(server, `socket.create_connection(("${host}", ${port}), timeout=2).close()\nprint("reached")`);
    assert.equal(own.text, 'reached\n');
  });

  it('is out of reach for a stranger, to whom its project does not exist, on sockets too', async () => {
    const secret = await keyOf(gateway, 'stranger');
    const stranger = gateway.as(secret);
    assert.deepEqual(await stranger.projects.list({}), []);
    await assert.rejects(stranger.projects.get({ project }), { status: 404 });
    await assert.rejects(stranger.kernels.get({ project, kernel }), { status: 404 });
    await assert.rejects(stranger.files.list({ project }), { status: 404 });
    await assert.rejects(openKernel(gateway, { project, kernel, key: secret }), /404/);
    await assert.rejects(openKernel(gateway, { project: 'no-such-project', kernel, key: secret }), /404/);
    await assert.rejects(openKernel(gateway, { project, kernel, key: 'nonsense' }), /401/);
  });

  it('is watched by who may only look, but does nothing for them', async () => {
    const secret = await keyOf(gateway, 'viewer');
    await gateway.api.projects.setMember({ project, user: 'viewer', role: 'viewer' });
    await using viewer = await openKernel(gateway, { project, kernel, key: secret });
    await using owner = await openKernel(gateway, { project, kernel });
    await run(owner, 'print("seen by all")');
    let seen = '';
    while (!seen.includes('seen by all')) {
      const record = await viewer.next();
      assert.ok(record, 'the connection of a viewer ended');
      if (record.header.msg_type === 'stream') seen += record.content['text'] as string;
    }
    const forbidden = request('print("done for a viewer")');
    viewer.send(forbidden);
    await run(owner, '1');
    const executions = await gateway.api.kernels.executions({ project, kernel });
    assert.ok(executions.every(({ id }) => id !== forbidden.header.msg_id));
  });
});
