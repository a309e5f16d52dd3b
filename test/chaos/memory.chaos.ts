/** Kernels and clients that try to fill the gateway's memory. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { readFile, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { apiPrefix, kernelChannels } from '@bine/shared';
import { kernelSocketProtocol } from '@bine/shared/kernel-wire';
import { WebSocket } from 'ws';
import { startGateway, type TestGateway } from '../vscode/gateway.ts';
import { openKernel, request, run, startKernel } from './kernel-client.ts';

const project = 'memory';
const mebibyte = 2 ** 20;
const most = 350 * mebibyte;

/** Takes the supervisor's place: to whoever comes it begins a record of 40 MiB, sends most of it, and never the rest. */
const hostile = `import os, socket, struct, threading
path = '/bine/supervisor.sock'
os.unlink(path)
listener = socket.socket(socket.AF_UNIX)
listener.bind(path)
listener.listen(100)
def serve(client):
    try:
        client.sendall(struct.pack('<IIQQIHH', 40 << 20, 0, 1, 1, 1, 0, 5))
        for _ in range(39): client.sendall(b'x' * (1 << 20))
        while client.recv(4096): pass
    except OSError: pass
def accept():
    while True: threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
threading.Thread(target=accept, daemon=True).start()
print('taken')`;

async function peakMemory(pid: number): Promise<number> {
  return Number((await readFile(`/proc/${pid}/status`, 'utf8')).match(/VmHWM:\s+(\d+) kB/)![1]) * 1024;
}

describe('the memory of a gateway', { timeout: 300_000 }, () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startGateway();
    await gateway.api.projects.create({ name: project });
  });
  after(() => gateway[Symbol.asyncDispose]());

  const address = (kernel: string, query = '') =>
    `${apiPrefix}${kernelChannels.path.replace('{project}', project).replace('{kernel}', kernel)}${query}`;

  /** A client that reads nothing. */
  async function silentReader(kernel: string, key: string): Promise<WebSocket> {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}${address(kernel, '?since=0')}`, [kernelSocketProtocol], {
      headers: { authorization: `Bearer ${key}` },
    });
    socket.on('error', () => undefined);
    await once(socket, 'open');
    socket.pause();
    return socket;
  }

  /** Sends a message of 31 MiB but for its end. */
  async function halfMessage(kernel: string, key: string): Promise<Socket> {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    const head = [
      `GET ${address(kernel)} HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      `Sec-WebSocket-Protocol: ${kernelSocketProtocol}`,
      `Authorization: Bearer ${key}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    await once(socket, 'data');
    const frame = Buffer.alloc(14);
    frame.set([0x82, 0xff]);
    frame.writeBigUInt64BE(BigInt(31 * mebibyte), 2);
    socket.write(frame);
    for (let sent = 0; sent < 30 && !socket.destroyed; sent++) {
      if (!socket.write(Buffer.alloc(mebibyte))) await drained(socket);
    }
    return socket;
  }

  it('stays within its bounds with six hostile kernels, 20 half messages and 20 readers that do not read', async (t) => {
    const honest = await startKernel(gateway, project, 512);
    await using socket = await openKernel(gateway, { project, kernel: honest });
    await run(socket, `print('y' * (12 * 2**20))`);
    await gateway.api.access.createUser({ name: 'viewer' });
    await gateway.api.projects.setMember({ project, user: 'viewer', role: 'viewer' });
    const viewer = (await gateway.api.access.createKey({ name: 'test', user: 'viewer' })).secret;
    const kernels = await Promise.all(Array.from({ length: 6 }, () => startKernel(gateway, project, 256)));
    for (const kernel of kernels) {
      await using own = await openKernel(gateway, { project, kernel });
      assert.equal((await run(own, hostile)).text, 'taken\n');
    }
    const calm = await peakMemory(gateway.pid());
    await writeFile(`/proc/${gateway.pid()}/clear_refs`, '5');

    const readers = await Promise.all([...kernels, ...kernels, ...kernels].map((kernel) => silentReader(kernel, gateway.key)));
    const slow = await Promise.all(Array.from({ length: 20 }, () => silentReader(honest, viewer)));
    const halves = await Promise.all(Array.from({ length: 20 }, () => halfMessage(honest, viewer)));
    const writers = await Promise.all(Array.from({ length: 8 }, () => halfMessage(honest, gateway.key)));
    assert.equal((await run(socket, '"still served"')).status, 'ok');
    await delay(3000);
    const peak = await peakMemory(gateway.pid());
    t.diagnostic(`${Math.round(calm / mebibyte)} MiB before, ${Math.round(peak / mebibyte)} MiB at most`);
    for (const one of [...readers, ...slow]) one.terminate();
    for (const one of [...halves, ...writers]) one.destroy();
    assert.ok(peak < most, `the gateway held ${Math.round(peak / mebibyte)} MiB`);
    // What they held is free again: a large record of an honest kernel passes.
    await using again = await openKernel(gateway, { project, kernel: honest });
    again.send(request(`print('z' * (12 * 2**20))`));
    let bytes = 0;
    while (bytes < 12 * mebibyte) {
      const record = await again.next();
      assert.ok(record, 'the connection ended');
      if (record.header.msg_type === 'stream') bytes += (record.content['text'] as string).length;
    }
  });
});

/** Or it is closed, or the gateway does not read. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      socket.off('drain', done).off('close', done);
      resolve();
    };
    const timer = setTimeout(done, 2000);
    socket.once('drain', done).once('close', done);
  });
}
