/** A kernel behind jupyter_server's WebSocket, with its rate limits off and TCP_NODELAY on. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeMessage, encodeMessage } from '@bine/shared/kernel-wire';
import { until } from '../until.ts';
import { openSocket } from './client-socket.ts';
import { createExchange } from './exchange.ts';
import type { Contestant, OpenKernel } from './exchange.ts';

const protocol = 'v1.kernel.websocket.jupyter.org';
// Without a token it wants a cookie's.
const token = randomUUID();
const headers = { authorization: `token ${token}` };
const connection = 'ZMQChannelsWebsocketConnection';
const script = join(import.meta.dirname, 'jupyter_server_fast.py');

export async function jupyterServer(python: string): Promise<Contestant> {
  await using made = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'bine-bench-'));
  made.defer(() => rm(folder, { recursive: true, maxRetries: 5 }));
  const runtime = join(folder, 'runtime');
  await mkdir(runtime);
  const flags = [`--${connection}.iopub_msg_rate_limit=0`, `--${connection}.iopub_data_rate_limit=0`, '--no-browser', '--allow-root'];
  const places = { JUPYTER_RUNTIME_DIR: runtime, JUPYTER_CONFIG_DIR: folder, JUPYTER_DATA_DIR: folder };
  const child = spawn(python, [script, '--ServerApp.port=0', `--IdentityProvider.token=${token}`, ...flags], {
    cwd: folder,
    env: { ...process.env, ...places },
    stdio: 'ignore',
  });
  made.defer(async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  const url = await addressOf(runtime);
  const kept = made.move();
  return { name: 'jupyter_server', open: () => openKernel(url), [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** It writes where it listens into a file, not necessarily at once. */
function addressOf(runtime: string): Promise<string> {
  const look = async () => {
    const name = (await readdir(runtime)).find((entry) => /^jpserver-\d+\.json$/.test(entry));
    const text = name ? await readFile(join(runtime, name), 'utf8') : '';
    return text.endsWith('}') ? (JSON.parse(text) as { url: string }).url.replace('localhost', '127.0.0.1') : null;
  };
  return until(look, 'the file that says where jupyter_server listens', { withinMs: 30_000 });
}

async function openKernel(url: string): Promise<OpenKernel> {
  const body = JSON.stringify({ name: 'python3' });
  const started = await fetch(`${url}api/kernels`, { method: 'POST', headers, body });
  if (!started.ok) throw new Error(`jupyter_server answered ${started.status}: ${await started.text()}`);
  const { id } = (await started.json()) as { id: string };
  const socket = await openSocket(`${url.replace('http', 'ws')}api/kernels/${id}/channels?session_id=bench`, protocol, headers);
  const exchange = createExchange((message) => socket.send(encodeMessage(message)));
  socket.listen((bytes) => exchange.take(decodeMessage(bytes)), exchange.fail);
  await exchange.ready();
  return {
    execute: exchange.execute,
    async [Symbol.asyncDispose]() {
      await socket[Symbol.asyncDispose]();
      await fetch(`${url}api/kernels/${id}`, { method: 'DELETE', headers });
    },
  };
}
