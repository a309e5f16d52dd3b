/** One WebSocket to one kernel, as records that are read when the reader is ready for them. */
import { apiPrefix } from '@bine/shared';
import { type KernelMessage, type KernelRecord, decodeRecord, encodeMessage, kernelSocketProtocol } from '@bine/shared/kernel-wire';
import { kernelChannelsPath } from '@bine/shared/paths';
import { Problem } from '@bine/shared/problems';
import { socketAddress } from './address.ts';
import type { Link } from './link.ts';
import { toProblem } from './problem.ts';
import { type Socket, openSocket } from './socket.ts';

export type KernelSocketOptions = { project: string; kernel: string; since?: number; signal: AbortSignal };

export type KernelSocket = {
  readonly opened: Promise<void>;
  readonly records: AsyncIterable<KernelRecord>;
  send(message: KernelMessage): void;
  dispose(): void;
};

/** How many bytes may wait to be read before the gateway is told to hold back, and how few before it goes on. */
const [full, low] = [8 << 20, 1 << 20];

export function openKernelSocket(link: Pick<Link, 'session'>, options: KernelSocketOptions): KernelSocket {
  const closing = new AbortController();
  const signal = AbortSignal.any([closing.signal, options.signal]);
  const queue = createQueue();
  let socket: Socket | null = null;

  async function open(): Promise<void> {
    const { target } = await link.session(signal);
    const path = kernelChannelsPath.replace('{project}', options.project).replace('{kernel}', options.kernel);
    const query = options.since === undefined ? '' : `?since=${options.since}`;
    const url = socketAddress(target.address) + apiPrefix + path + query;
    socket = await openSocket({ url, key: target.key, protocol: kernelSocketProtocol, signal, onOpen: listen });
  }

  function listen(opening: Socket): void {
    opening.addEventListener('message', ({ data }) => queue.push(new Uint8Array(data as ArrayBuffer)));
    opening.addEventListener('close', () => queue.end());
    queue.onPressure = (high) => (high ? opening.pause() : opening.resume());
  }

  const opened = open().catch((error: unknown) => {
    queue.end();
    throw signal.aborted ? new Problem('cancelled', 'Cancelled.', { cause: error }) : toProblem(error);
  });
  opened.catch(() => undefined);
  return {
    opened,
    records: queue,
    send(message) {
      if (socket?.readyState !== 1) throw new Problem('timeout', 'The connection to the kernel is lost; it is coming back by itself.');
      socket.send(encodeMessage(message));
    },
    dispose: () => closing.abort(),
  };
}

type Queue = AsyncIterable<KernelRecord> & {
  push(bytes: Uint8Array): void;
  end(): void;
  onPressure: (high: boolean) => void;
};

/** Keeps messages as bytes and decodes them when they are taken, so that what waits stays small. */
function createQueue(): Queue {
  let waiting: Uint8Array[] = [];
  let [bytes, held, ended] = [0, false, false];
  let notify = () => {};
  const press = (high: boolean) => {
    if (high === held) return;
    held = high;
    queue.onPressure(high);
  };
  const queue: Queue = {
    onPressure: () => {},
    push(message) {
      waiting.push(message);
      bytes += message.byteLength;
      if (bytes > full) press(true);
      notify();
    },
    end() {
      ended = true;
      notify();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const batch = waiting;
        waiting = [];
        for (const message of batch) {
          bytes -= message.byteLength;
          if (bytes < low) press(false);
          yield decodeRecord(message);
        }
        if (waiting.length > 0) continue;
        if (ended) return;
        await new Promise<void>((resolve) => (notify = resolve));
      }
    },
  };
  return queue;
}
