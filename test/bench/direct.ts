/**
 * ipykernel, spoken to over its ZeroMQ sockets with nothing in between. By our launcher: of stock ipykernel's 20,000 lines some
 * hundred are lost on the way to a client that is a moment late, and with them sometimes the end.
 */
import { spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KernelMessage } from '@bine/shared/kernel-wire';
import { Dealer, Subscriber } from 'zeromq';
import { createExchange } from './exchange.ts';
import type { Contestant, OpenKernel } from './exchange.ts';

const launcher = join(import.meta.dirname, '../../images/supervisor/bine_supervisor/launcher.py');
const delimiter = '<IDS|MSG>';
const askAgainMilliseconds = 20;

export async function direct(python: string): Promise<Contestant> {
  return { name: 'direct ZMQ', open: () => openKernel(python), [Symbol.asyncDispose]: async () => undefined };
}

async function openKernel(python: string): Promise<OpenKernel> {
  await using made = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'bine-bench-'));
  made.defer(() => rm(folder, { recursive: true }));
  const key = randomUUID();
  const [shell, iopub, stdin, control, hb] = await freePorts(5);
  const ports = { shell_port: shell, iopub_port: iopub, stdin_port: stdin, control_port: control, hb_port: hb };
  const connection = { transport: 'tcp', ip: '127.0.0.1', key, signature_scheme: 'hmac-sha256', ...ports };
  const file = join(folder, 'connection.json');
  await writeFile(file, JSON.stringify(connection));
  const child = spawn(python, [launcher, '-f', file], { stdio: 'ignore', cwd: folder });
  made.defer(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  const requests = new Dealer({ linger: 0, receiveHighWaterMark: 0, reconnectInterval: 5 });
  const publications = new Subscriber({ linger: 0, receiveHighWaterMark: 0, reconnectInterval: 5 });
  const exchange = createExchange((message) => void requests.send(sign(message, key)));
  for (const [socket, port] of [
    [requests, shell],
    [publications, iopub],
  ] as const)
    socket.connect(`tcp://127.0.0.1:${port}`);
  publications.subscribe();
  made.defer(() => {
    requests.close();
    publications.close();
  });
  for (const socket of [requests, publications]) void receive(socket, exchange.take);
  await heard(exchange.ready);
  const kept = made.move();
  return { execute: exchange.execute, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** A subscription takes effect some time after the kernel is there; who asks before does not hear it become idle. */
async function heard(ask: () => Promise<void>): Promise<void> {
  const ready = Promise.withResolvers<void>();
  const again = () => void ask().then(ready.resolve, ready.reject);
  const timer = setInterval(again, askAgainMilliseconds);
  again();
  await ready.promise;
  clearInterval(timer);
}

function sign({ header, parent_header, metadata, content }: KernelMessage, key: string): (string | Buffer)[] {
  const parts = [header, parent_header, metadata, content].map((part) => JSON.stringify(part));
  const hmac = createHmac('sha256', key);
  for (const part of parts) hmac.update(part);
  return [delimiter, hmac.digest('hex'), ...parts];
}

async function receive(socket: AsyncIterable<Buffer[]>, take: ReturnType<typeof createExchange>['take']): Promise<void> {
  for await (const frames of socket) {
    const at = frames.findIndex((frame) => frame.toString() === delimiter);
    const [header, parent_header, , content] = frames.slice(at + 2, at + 6).map((frame) => JSON.parse(frame.toString()));
    take({ header, parent_header, content });
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
