/** A kernel's WebSocket as a stream of records that mends itself: a connection that breaks goes on after the last record seen. */
import { on, once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { apiPrefix } from '@bine/shared';
import { decodeRecord, encodeMessage, kernelSocketProtocol, type KernelMessage, type KernelRecord } from '@bine/shared/kernel-wire';
import { Problem } from '@bine/shared/problems';
import { WebSocket } from 'ws';
import type { Address } from '../client.ts';

type Where = Address & {
  project: string;
  kernel: string;
  /** The last record that is not wanted. */
  since: number;
  /** Sent at once, and again on every later connection: the supervisor knows by its msg_id what it has. */
  messages: readonly KernelMessage[];
  signal: AbortSignal;
};

const patience = 120_000;
const pause = 500;

/** Every record in its order, each once, until the caller has seen enough. @throws Problem when the gateway stays away */
export async function* talkToKernel(where: Where): AsyncGenerator<KernelRecord> {
  const { url, messages, signal } = where;
  let seen = where.since;
  let deadline = Date.now() + patience;
  for (;;) {
    await using socket = connect(where, seen);
    try {
      await once(socket, 'open', { signal });
      for (const message of messages) socket.send(encodeMessage(message));
      for await (const [data] of socket.received as AsyncIterable<[ArrayBuffer]>) {
        const record = decodeRecord(new Uint8Array(data));
        deadline = Date.now() + patience;
        if (record.seq !== 0 && record.seq <= seen) continue;
        seen = Math.max(seen, record.seq);
        yield record;
      }
    } catch (cause) {
      signal.throwIfAborted();
      if (Date.now() > deadline)
        throw new Problem('timeout', `The gateway at ${url} stays away; the kernel goes on without it.`, { cause });
    }
    await wait(pause, undefined, { signal });
  }
}

/** `received` listens from the start: a record may come with the very packet that opens the connection. */
function connect({ url, key, project, kernel, signal }: Where, since: number) {
  const address = `${url.replace(/^http/, 'ws').replace(/\/$/, '')}${apiPrefix}/projects/${project}/kernels/${kernel}/channels?since=${since}`;
  const socket = new WebSocket(address, kernelSocketProtocol, { headers: { authorization: `Bearer ${key}` }, perMessageDeflate: false });
  socket.binaryType = 'arraybuffer';
  const received = on(socket, 'message', { signal, close: ['close'] });
  return Object.assign(socket, {
    received,
    async [Symbol.asyncDispose]() {
      // A connection that is being made complains when it is ended.
      socket.on('error', () => {}).terminate();
      await received.return!();
    },
  });
}
