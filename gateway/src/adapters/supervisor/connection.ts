/** One connection to a supervisor's socket: bytes in both directions, read no faster than they are used. */
import { watch } from 'node:fs';
import type { Socket } from 'node:net';
import { delay } from '../../lib/delay.ts';
import { largeRecord } from './byte-budget.ts';
import type { ByteBudget } from './byte-budget.ts';
import { createRecordParser } from './records.ts';
import type { Item } from './records.ts';
import { connectToSocket } from './untrusted.ts';

const socketName = 'supervisor.sock';
const readBytes = 128 * 1024;
/** A supervisor writes a record at once; who takes longer holds the room for nothing. */
const recordMilliseconds = 20_000;
/** Beyond this nothing is read until what has arrived is taken. */
const aheadBytes = 2 ** 19;
/** Programs in the container could make any number of events in the folder. */
const retryMilliseconds = 20;
/** For file systems that do not say what changes. */
const pollMilliseconds = 1000;

export const jsonMessage = 1;
export const requestMessage = 2;

export type Connection = {
  send(kind: number, parts: readonly Uint8Array[]): void;
  /** What has arrived, at least one; null at the end. One reader only. @throws DamagedRecord */
  read(): Promise<Item[] | null>;
  close(): void;
  closed: Promise<void>;
};

export type ConnectOptions = { directory: string; largeRecords: ByteBudget; signal: AbortSignal };

/** @returns null where nobody answers */
export async function openConnection({ directory, largeRecords, signal }: ConnectOptions): Promise<Connection | null> {
  const parser = createRecordParser();
  const room = createRoom({ directory, largeRecords }, () => socket);
  let arrived: Item[] = [];
  let bytes = 0;
  let consumed = 0;
  let wake = () => {};
  let socket: Socket | null = null;

  function take(chunk: Uint8Array): boolean {
    arrived.push(...parser.push(chunk));
    if (parser.damage()) socket?.destroy();
    bytes += chunk.length;
    if (arrived.length > 0) wake();
    if (parser.consumed() > consumed) room.complete();
    consumed = parser.consumed();
    if (parser.partial() >= largeRecord && !room.holdsPartial()) {
      room.ask(parser.partial());
      return false;
    }
    return bytes < aheadBytes || arrived.length === 0;
  }

  const buffer = Buffer.allocUnsafeSlow(readBytes);
  const onread = { buffer, callback: (count: number) => take(buffer.subarray(0, count)) };
  socket = await connectToSocket(directory, socketName, { onread, signal });
  if (!socket) return null;
  const connected = socket;
  const closed = Promise.withResolvers<void>();
  connected.on('error', () => {}); // 'close' follows, and says enough
  connected.on('end', () => connected.destroy());
  connected.on('close', () => {
    room.close();
    wake();
    closed.resolve();
  });
  connected.resume();

  return {
    closed: closed.promise,
    close: () => connected.destroy(),
    send(kind, parts) {
      connected.cork();
      for (const part of [head(kind, parts), ...parts]) connected.write(part);
      connected.uncork();
    },
    async read() {
      room.taken();
      while (arrived.length === 0 && !connected.closed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (arrived.length === 0) {
        const damage = parser.damage();
        if (damage) throw damage;
        return null;
      }
      const items = arrived;
      arrived = [];
      bytes = 0;
      room.given();
      if (!room.asking()) connected.resume();
      return items;
    },
  };
}

/** What one connection has of the budget: for the record that is coming, for those that wait to be read, and for those that are being used. */
function createRoom({ directory, largeRecords }: Omit<ConnectOptions, 'signal'>, socketOf: () => Socket | null) {
  const leaving = new AbortController();
  let asking = false;
  let partial: (() => void) | null = null;
  let waiting: (() => void)[] = [];
  let used: (() => void)[] = [];
  let late: NodeJS.Timeout | undefined;
  const releaseAll = (all: (() => void)[]) => all.forEach((release) => release());

  async function wait(bytes: number): Promise<void> {
    const release = await largeRecords.take(directory, bytes, leaving.signal).catch(() => null);
    // The connection is gone.
    if (!release) return;
    asking = false;
    partial = release;
    late = setTimeout(() => socketOf()?.destroy(), recordMilliseconds).unref();
    socketOf()?.resume();
  }

  return {
    asking: () => asking,
    holdsPartial: () => partial !== null,
    ask(bytes: number): void {
      if (asking) return;
      asking = true;
      void wait(bytes);
    },
    /** The record is whole. */
    complete(): void {
      clearTimeout(late);
      if (partial) waiting.push(partial);
      partial = null;
    },
    /** What waited was read, and is used until the next read. */
    given(): void {
      used = waiting;
      waiting = [];
    },
    taken(): void {
      releaseAll(used);
      used = [];
    },
    close(): void {
      leaving.abort(new Error('the connection is closed'));
      clearTimeout(late);
      releaseAll([...(partial ? [partial] : []), ...waiting, ...used]);
      [partial, waiting, used] = [null, [], []];
    },
  };
}

/** Waits until somebody answers. @throws the reason of `signal` */
export async function awaitConnection(options: ConnectOptions): Promise<Connection> {
  const { directory, signal } = options;
  let changed = Promise.withResolvers<void>();
  using watcher = watchFolder(directory, () => changed.resolve());
  while (true) {
    signal.throwIfAborted();
    const connection = await openConnection(options);
    if (connection) return connection;
    const waiting = new AbortController();
    await Promise.race([watcher.works ? changed.promise : null, delay(pollMilliseconds, AbortSignal.any([signal, waiting.signal]))]);
    waiting.abort();
    changed = Promise.withResolvers<void>();
    await delay(retryMilliseconds, signal);
  }
}

function watchFolder(directory: string, onChange: () => void): Disposable & { works: boolean } {
  const watcher = watch(directory, { persistent: false }, onChange);
  const watching = { works: true, [Symbol.dispose]: () => watcher.close() };
  watcher.on('error', () => {
    watching.works = false; // there is still the clock
  });
  return watching;
}

function head(kind: number, parts: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt32LE(1 + parts.reduce((sum, part) => sum + part.length, 0), 0);
  bytes[4] = kind;
  return bytes;
}
