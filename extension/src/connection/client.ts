/** The one door to the gateway for every room of the extension. */
import type { EventType } from '@bine/shared';
import type { KernelMessage, KernelRecord } from '@bine/shared/kernel-wire';
import type { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import { type EventOf, createFeed } from './event-feed.ts';
import { createFetch } from './http.ts';
import { type KernelSocketOptions, openKernelSocket } from './kernel-socket.ts';
import { type LinkState, createLink } from './link.ts';
import { type ContractClient, createClient } from './rpc.ts';
import type { Target } from './session.ts';

export type ConnectionState = LinkState;
export type { ContractClient, EventOf };

export type Events = {
  /** Fires for each event of this type, in order and once, also for those that happened while the connection was lost. */
  on<T extends Exclude<EventType, 'reset'>>(type: T, listener: (event: EventOf<T>) => void): vscode.Disposable;
  /** Fires when events may have been missed (first connection, another gateway): read again what you show. */
  readonly onDidReset: vscode.Event<void>;
};

/** One WebSocket to one kernel. It does not reconnect: whoever reads knows what it saw last and opens the next one. */
export type KernelSocket = vscode.Disposable & {
  /** Resolves when open; rejects with a `Problem` that says why not (`not-found`: the kernel is gone for good). */
  readonly opened: Promise<void>;
  /**
   * What the kernel said, in order. Ends when the socket closes for whatever reason. Not reading it stops the gateway from
   * sending (backpressure), so a slow reader needs no memory. To be iterated once.
   */
  readonly records: AsyncIterable<KernelRecord>;
  /** @throws Problem when the socket is not open. */
  send(message: KernelMessage): void;
};

export type Connection = {
  readonly state: ConnectionState;
  readonly onDidChangeState: vscode.Event<ConnectionState>;
  /** Why it is not connected. */
  readonly problem: Problem | null;
  /** The gateway's address; null before one is known. */
  readonly address: string | null;
  /** Resolves as soon as the gateway answers, at once if it does now, or when the signal aborts. */
  connected(this: void, signal?: AbortSignal): Promise<void>;
  /**
   * The contract over one WebSocket. A call made while reconnecting waits, then fails with a `Problem` that says so; reads
   * that a lost connection cut off are sent again. Every error is a `Problem`.
   */
  readonly client: ContractClient;
  readonly events: Events;
  openKernelSocket(o: KernelSocketOptions): KernelSocket;
  /** For bytes: `path` begins after `/api/v1`. Waits while reconnecting. Throws a `Problem` unless the answer is ok. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Tries now instead of later. */
  poke(): void;
  /** Looks again for the gateway and the key, as after a sign-in. */
  restart(): void;
  /** From now on the gateway or the account may be another one: forget what was known. */
  readonly onDidRestart: vscode.Event<void>;
};

export type ConnectionOptions = { find: () => Promise<Target | null>; log: vscode.LogOutputChannel };

export function createConnection({ find, log }: ConnectionOptions): Connection & vscode.Disposable {
  const changed = new vscode.EventEmitter<ConnectionState>();
  const reset = new vscode.EventEmitter<void>();
  const restarted = new vscode.EventEmitter<void>();
  const link = createLink({
    find,
    log: (message) => log.debug(message),
    onState(state, problem) {
      log.info(`${state}${link.now.target ? ` ${link.now.target.address}` : ''}${problem ? `: ${problem.message}` : ''}`);
      changed.fire(state);
    },
  });
  const client = createClient(link);
  const feed = createFeed({
    client,
    connected: (signal) => connected(signal),
    onReset: () => reset.fire(),
    onProblem: (error) => log.error('The stream of events ended', error),
  });

  function connected(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        subscription.dispose();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const subscription = changed.event((state) => state === 'connected' && done());
      signal?.addEventListener('abort', done);
      if (link.now.state === 'connected' || signal?.aborted) done();
    });
  }

  return {
    get state() {
      return link.now.state;
    },
    get problem() {
      return link.now.problem;
    },
    get address() {
      return link.now.target?.address ?? null;
    },
    onDidChangeState: changed.event,
    connected,
    client,
    events: { on: (type, listener) => new vscode.Disposable(feed.on(type, listener)), onDidReset: reset.event },
    openKernelSocket: (options) => openKernelSocket(link, options),
    fetch: createFetch(link),
    poke: () => link.poke(),
    onDidRestart: restarted.event,
    restart() {
      link.restart();
      restarted.fire();
      feed.restart();
    },
    dispose() {
      feed.close();
      link.close();
      changed.dispose();
      reset.dispose();
      restarted.dispose();
    },
  };
}
