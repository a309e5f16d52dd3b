/** A running supervisor, from outside its container. */
import { Problem } from '@bine/shared/problems';
import { untilAborted } from '../../lib/until-aborted.ts';
import { awaitConnection, jsonMessage, openConnection, requestMessage } from './connection.ts';
import type { Connection, ConnectOptions } from './connection.ts';
import { parseExecutions, parseTold } from './parse.ts';
import type { Told } from './parse.ts';
import type { Item } from './records.ts';
import type { AttachOptions, LogRecord, Supervisor, SupervisorState } from '../../ports/kernel-agent.ts';

const gone = (): Problem => new Problem('conflict', "The kernel's supervisor has gone, and the kernel with it. Restart the kernel.");

/** Waits for the supervisor to come up in the kernel's folder, as long as `signal` allows. @throws the reason of `signal` */
export async function connectSupervisor(options: ConnectOptions): Promise<Supervisor> {
  const { signal } = options;
  while (true) {
    const connection = await awaitConnection(options);
    connection.send(jsonMessage, [json({ control: true })]);
    const state = await untilAborted(firstState(connection), signal).catch((error: unknown) => {
      connection.close();
      throw error;
    });
    if (state) return control(options, connection, state);
    connection.close();
  }
}

async function firstState(connection: Connection): Promise<{ state: SupervisorState; rest: Item[] } | null> {
  const items = await connection.read();
  const told = items?.[0] && parseTold(items[0]);
  return items && told && 'state' in told ? { state: told.state, rest: items.slice(1) } : null;
}

function control(
  { directory, largeRecords }: ConnectOptions,
  connection: Connection,
  first: { state: SupervisorState; rest: Item[] },
): Supervisor {
  const listeners = new Set<(state: SupervisorState) => void>();
  const calls = createCalls(connection);
  let current = first.state;

  function hear(told: Told): void {
    if ('state' in told) {
      current = told.state;
      for (const listener of listeners) listener(current);
    } else {
      calls.answered(told);
    }
  }

  async function listen(): Promise<void> {
    try {
      for (let items: Item[] | null = first.rest; items; items = await connection.read()) {
        for (const item of items) hear(parseTold(item));
      }
    } catch {
      // Nonsense from inside the container: as good as gone.
      connection.close();
    }
    await connection.closed;
    calls.abandon();
  }

  return {
    state: () => current,
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    executions: async () => parseExecutions(await calls.order('executions')),
    request: async (frames) => void (await calls.request(frames)),
    interrupt: async (signal) => void (await calls.order('interrupt', signal)),
    restart: async (signal) => void (await calls.order('restart', signal)),
    shutdown: async (signal) => void (await calls.order('shutdown', signal)),
    attach: (options) => attach({ ...options, directory, largeRecords }),
    closed: listen(),
    async [Symbol.asyncDispose]() {
      connection.close();
      await connection.closed;
    },
  };
}

type Answer = Extract<Told, { call: number }>;

function createCalls(connection: Connection) {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let last = 0;
  let over = false;

  function call(send: (id: number) => void, signal?: AbortSignal): Promise<unknown> {
    if (over) return Promise.reject(gone());
    const id = ++last;
    const answer = Promise.withResolvers<unknown>();
    waiting.set(id, answer);
    send(id);
    return signal ? untilAborted(answer.promise, signal) : answer.promise;
  }

  return {
    order: (what: string, signal?: AbortSignal) => call((id) => connection.send(jsonMessage, [json({ call: id, do: what })]), signal),
    request: (frames: readonly Uint8Array[]) => call((id) => connection.send(requestMessage, [requestHead(id, frames), ...frames])),
    answered(answer: Answer): void {
      const { call } = answer;
      if ('error' in answer) waiting.get(call)?.reject(new Problem(answer.error.code, answer.error.detail));
      else waiting.get(call)?.resolve(answer.result);
      waiting.delete(call);
    },
    abandon(): void {
      over = true;
      for (const answer of waiting.values()) answer.reject(gone());
      waiting.clear();
    },
  };
}

async function* attach({ since, ...options }: AttachOptions & ConnectOptions): AsyncGenerator<LogRecord> {
  const { signal } = options;
  const connection = await openConnection(options);
  if (!connection) throw gone();
  const close = () => connection.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    connection.send(jsonMessage, [json({ attach: true, since: since ?? null })]);
    for (let items = await connection.read(); items; items = await connection.read()) {
      for (const { seq, time, frames } of items) {
        if (signal.aborted) return;
        if (seq === 0 || since === undefined || seq > since) yield { seq, time, frames };
      }
    }
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}

function requestHead(call: number, frames: readonly Uint8Array[]): Uint8Array {
  const bytes = Buffer.alloc(8 + 4 * frames.length);
  bytes.writeUInt32LE(call, 0);
  bytes.writeUInt32LE(frames.length, 4);
  frames.forEach((frame, i) => bytes.writeUInt32LE(frame.length, 8 + 4 * i));
  return bytes;
}

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
