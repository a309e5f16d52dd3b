/** A small client of a kernel's WebSocket. It reads only when asked to, so a test can be as slow a reader as it likes. */
import { randomUUID } from 'node:crypto';
import { apiPrefix, kernelChannels, type Kernel } from '@bine/shared';
import { decodeRecord, encodeMessage, kernelSocketProtocol, type KernelMessage, type KernelRecord } from '@bine/shared/kernel-wire';
import { WebSocket } from 'ws';
import type { TestGateway } from '../vscode/gateway.ts';

export type KernelSocket = {
  /** The next record in the order of arrival; null once the connection is gone and all was read. */
  next(): Promise<KernelRecord | null>;
  send(message: KernelMessage): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type Where = { project: string; kernel: string; since?: number; key?: string };

/** Received and not yet asked for; beyond it the socket itself is not read. */
const readAhead = 16;

export async function openKernel(gateway: TestGateway, { project, kernel, since, key }: Where): Promise<KernelSocket> {
  const path = kernelChannels.path.replace('{project}', project).replace('{kernel}', kernel);
  const query = since === undefined ? '' : `?since=${since}`;
  const socket = new WebSocket(`${gateway.url.replace(/^http/, 'ws')}${apiPrefix}${path}${query}`, [kernelSocketProtocol], {
    headers: { authorization: `Bearer ${key ?? gateway.key}` },
    maxPayload: 2 ** 30,
    perMessageDeflate: false,
  });
  const waiting: KernelRecord[] = [];
  const state: { closed: boolean; wake: () => void } = { closed: false, wake: () => undefined };
  socket.on('message', (bytes: Buffer) => {
    waiting.push(decodeRecord(bytes));
    if (waiting.length >= readAhead) socket.pause();
    state.wake();
  });
  const end = new Promise<void>((resolve) => {
    socket.once('close', () => {
      state.closed = true;
      state.wake();
      resolve();
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  // A gateway that is killed resets the connection; `next` tells.
  socket.on('error', () => undefined);

  async function close(): Promise<void> {
    socket.terminate();
    await end;
  }
  return {
    async next() {
      while (waiting.length === 0 && !state.closed) {
        socket.resume();
        await new Promise<void>((resolve) => (state.wake = resolve));
      }
      return waiting.shift() ?? null;
    },
    send: (message) => socket.send(encodeMessage(message)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

const session = randomUUID();

export function request(code: string, id: string = randomUUID()): KernelMessage {
  return {
    channel: 'shell',
    header: { msg_id: id, msg_type: 'execute_request', session, username: 'chaos', date: new Date().toISOString(), version: '5.4' },
    parent_header: {},
    metadata: { cellId: id },
    content: { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true },
    buffers: [],
  };
}

/** Whether this record is the last one of an execution whose reply was seen before. */
const isIdle = (record: KernelRecord) => record.header.msg_type === 'status' && record.content['execution_state'] === 'idle';

/** Reads what an execution says until it has both replied and gone idle. */
export async function* outputOf(socket: KernelSocket, id: string): AsyncGenerator<KernelRecord> {
  let replied = false;
  let idle = false;
  while (!replied || !idle) {
    const record = await socket.next();
    if (!record) throw new Error('The connection ended before the execution did.');
    if (record.parent_header.msg_id !== id) continue;
    replied ||= record.header.msg_type === 'execute_reply';
    idle ||= isIdle(record);
    yield record;
  }
}

/** What an execution printed. */
export function printed(records: Iterable<KernelRecord>): string {
  let text = '';
  for (const { header, content } of records) if (header.msg_type === 'stream') text += content['text'] as string;
  return text;
}

export type Ran = { records: KernelRecord[]; text: string; status: unknown };

export async function run(socket: KernelSocket, code: string): Promise<Ran> {
  const message = request(code);
  socket.send(message);
  const records: KernelRecord[] = [];
  for await (const record of outputOf(socket, message.header.msg_id)) records.push(record);
  const reply = records.find(({ header }) => header.msg_type === 'execute_reply');
  return { records, text: printed(records), status: reply?.content['status'] };
}

/** Follows the gateway's events until the kernel is as wanted. */
export async function untilKernel(
  gateway: TestGateway,
  { project, kernel }: Where,
  isWanted: (kernel: Kernel) => boolean,
): Promise<Kernel> {
  const signal = AbortSignal.timeout(180_000);
  const events = await gateway.api.events.subscribe({}, { signal });
  const now = await gateway.api.kernels.get({ project, kernel });
  if (isWanted(now)) return now;
  for await (const event of events) {
    if (event.type === 'kernel.changed' && event.data.id === kernel && isWanted(event.data)) return event.data;
  }
  throw new Error('The events ended.');
}

/** Starts a kernel in the smallest environment and waits until it can run. The first one of an engine builds it. */
export function startKernel(gateway: TestGateway, project: string, memory = 1024): Promise<string> {
  return startKernelIn(gateway, { project, environment: 'python-inference', memory });
}

type Start = { project: string; environment: string; memory?: number };

/** @returns its id, once it can run */
export async function startKernelIn(gateway: TestGateway, { project, environment, memory = 1024 }: Start): Promise<string> {
  const { id } = await gateway.api.kernels.start({ project, environment, memory });
  const { state, cause } = await untilKernel(gateway, { project, kernel: id }, (kernel) =>
    ['idle', 'dead', 'stopped'].includes(kernel.state),
  );
  if (state !== 'idle') throw new Error(`The kernel is ${state}: ${cause}`);
  return id;
}
