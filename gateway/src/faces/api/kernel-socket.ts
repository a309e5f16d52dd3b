/** A kernel's messages over a WebSocket. What goes out is never parsed; what comes in is never trusted. */
import type { Socket } from 'node:net';
import { apiPrefix, kernelChannels } from '@bine/shared';
import { decodeMessage, encodeRecord, encodeRecordInPieces, kernelSocketProtocol, splitMessage } from '@bine/shared/kernel-wire';
import type { KernelMessage, SupervisorContent } from '@bine/shared/kernel-wire';
import { Problem } from '@bine/shared/problems';
import type { WebSocket } from 'ws';
import type { Audit } from '../../domains/audit/audit.ts';
import type { LogRecord } from '../../ports/kernel-agent.ts';
import type { KernelChannel } from '../../domains/kernels/channel.ts';
import type { Kernels } from '../../domains/kernels/kernels.ts';
import { once } from '../../lib/once.ts';
import { recordCall } from './audited.ts';
import type { Authorise } from './authorise.ts';
import { asProblem, invalid } from './errors.ts';
import type { Failures } from './errors.ts';
import type { Grants } from './grants.ts';
import type { Metrics } from './metrics.ts';
import { pacedSend } from './paced-send.ts';
import { closeCodes, endWith } from './sockets.ts';
import type { Accepted, SocketRequest, SocketRoute, SocketUse } from './sockets.ts';

export type KernelSocketOptions = {
  kernels: Pick<Kernels, 'channel'>;
  authorise: Authorise;
  grants: Grants;
  metrics: Metrics;
  audit: Pick<Audit, 'record'>;
} & Failures;

/** A cell with its widgets' buffers is far below this; a paused socket holds no more than a few of them. */
const largestMessage = 32 * 2 ** 20;
/** Of who may only look: there is nothing to send, but it shall be told so. */
const largestOfReader = 2 ** 16;
const mostUnsent = 2 ** 20;
/** Bytes from which on copying a frame costs more than a piece of its own. */
const largeFrame = 2 ** 14;

/** As the audit log calls it. */
const name = 'kernels.channels';

export function kernelSocket(options: KernelSocketOptions): SocketRoute {
  return {
    name,
    protocol: kernelSocketProtocol,
    largestMessage,
    path: new RegExp(`^${apiPrefix}${kernelChannels.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
    accept: (request) => accept(options, request),
  };
}

async function accept(options: KernelSocketOptions, request: SocketRequest): Promise<Accepted> {
  const { authorise, grants, kernels } = options;
  const { context, params, query } = request;
  const project = params['project'] ?? '';
  const mayWrite = () => authorise(context.caller, kernelChannels.write, project);
  await using made = new AsyncDisposableStack();
  const grant = made.use(await grants.open(context.caller, kernelChannels.read, project));
  const { user } = grant.principal;
  const parsed = kernelChannels.query.safeParse(Object.fromEntries(query));
  if (!parsed.success) throw invalid(parsed.error.issues);
  const { since } = parsed.data;
  const gone = new AbortController();
  const channel = await kernels.channel(
    { project, kernel: params['kernel'] ?? '' },
    { user, signal: gone.signal, ...(since !== undefined && { since }) },
  );

  const isReader = await mayWrite().then(
    () => false,
    () => true,
  );
  const note = once(() => recordCall(options.audit, { context, procedure: name, input: params, outcome: 'ok' }));
  const owned = made.move();
  const drop = () => {
    gone.abort();
    void owned.disposeAsync();
  };
  const use: SocketUse = (ws, raw) => {
    const where = { requestId: context.requestId, log: options.log, noSpace: options.noSpace };
    // Whoever may run code there can change anything. What it sends is not parsed for the log.
    if (!isReader) note();
    endWith(grant.signal, ws);
    grant.signal.addEventListener('abort', () => gone.abort(), { once: true });
    ws.on('close', drop);
    // A reader may have been given another role since.
    receive(ws, { send: channel.send, mayWrite: () => mayWrite().then(note), asProblem: (error) => asProblem(error, where) });
    pump({ ws, raw, records: channel.records, count: options.metrics.countKernelBytes }).then(
      () => ws.close(closeCodes.done, 'The kernel is over.'),
      (error: unknown) => {
        if (ws.readyState === ws.OPEN) ws.close(closeCodes.failed, asProblem(error, where).message.slice(0, 120));
      },
    );
  };
  return { use, drop, ...(isReader && { largestMessage: largestOfReader }) };
}

type Pump = { ws: WebSocket; raw: Socket; records: AsyncIterable<LogRecord>; count: (bytes: number) => void };

async function pump({ ws, raw, records, count }: Pump): Promise<void> {
  let corked = false;
  const uncork = () => {
    corked = false;
    raw.uncork();
  };
  for await (const { seq, time, frames } of records) {
    const pieces = encodeRecordInPieces(seq, time, frames, largeFrame);
    for (const { byteLength } of pieces) count(byteLength);
    // Records that are there together leave in one packet, and none of them waits for more to come.
    if (!corked) {
      corked = true;
      raw.cork();
      process.nextTick(uncork);
    }
    const sent = pacedSend(ws, pieces);
    if (sent) await sent;
  }
}

type Receive = {
  send: KernelChannel['send'];
  /** @throws Problem */
  mayWrite: () => Promise<unknown>;
  asProblem: (error: unknown) => Problem;
};

/** Passes messages on one after the other. A client that sends faster than the kernel's journal takes is not read. */
function receive(ws: WebSocket, { send, mayWrite, asProblem }: Receive): void {
  let last: Promise<void> = Promise.resolve();
  let unsent = 0;

  const pass = async (data: Buffer, message: KernelMessage) => {
    try {
      await mayWrite();
      await send(splitMessage(data));
    } catch (error) {
      const { code, message: detail } = asProblem(error);
      if (ws.readyState === ws.OPEN) ws.send(refusal({ request: message.header.msg_id, code, detail }));
    }
    unsent -= data.byteLength;
    if (unsent <= mostUnsent) ws.resume();
  };

  ws.on('message', (data: Buffer, isBinary) => {
    const message = isBinary ? understand(data) : null;
    if (!message) {
      ws.close(closeCodes.nonsense, 'This is not a kernel message.');
      return;
    }
    unsent += data.byteLength;
    if (unsent > mostUnsent) ws.pause();
    last = last.then(() => pass(data, message));
  });
}

const fromClients = new Set(['shell', 'control', 'stdin']);

function understand(data: Buffer): KernelMessage | null {
  try {
    const message = decodeMessage(data);
    const { msg_id, msg_type } = message.header ?? {};
    const isMessage = typeof msg_id === 'string' && msg_id !== '' && msg_id.length <= 200 && typeof msg_type === 'string';
    return isMessage && fromClients.has(message.channel) ? message : null;
  } catch {
    return null;
  }
}

function refusal(content: SupervisorContent['refused']): Uint8Array {
  const header = {
    msg_id: `refused-${content.request}`,
    msg_type: 'refused',
    session: '',
    username: '',
    date: new Date().toISOString(),
    version: '5.3',
  };
  const parts = ['supervisor', ...[header, {}, {}, content].map((part) => JSON.stringify(part))];
  const encoder = new TextEncoder();
  return encodeRecord(
    0,
    Date.now() * 1000,
    parts.map((part) => encoder.encode(part)),
  );
}
