/** The one door to the gateway for every room of the extension. */
import type { Contract, Event, EventType } from '@bine/shared';
import type { KernelMessage, KernelRecord } from '@bine/shared/kernel-wire';
import type { ContractRouterClient } from '@orpc/contract';
import type * as vscode from 'vscode';

/**
 * `signed-out`: no gateway or no key is known. `reconnecting`: it was there a moment ago and is tried again by itself;
 * `offline`: the same, for so long that the user should know. Both mend themselves.
 */
export type ConnectionState = 'signed-out' | 'connecting' | 'connected' | 'reconnecting' | 'offline';

export type ContractClient = ContractRouterClient<Contract>;

export type EventOf<T extends EventType> = Extract<Event, { type: T }>;

export type Events = {
  /** Fires for each event of this type, in order and once, also for those that happened while the connection was lost. */
  on<T extends EventType>(type: T, listener: (event: EventOf<T>) => void): vscode.Disposable;
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
  /** Resolves as soon as the gateway answers, at once if it does now. Rejects only when the signal aborts. */
  connected(signal?: AbortSignal): Promise<void>;
  /**
   * The contract over one WebSocket. A call made while reconnecting waits, then fails with a `Problem` that says so; reads
   * that a lost connection cut off are sent again. Every error is a `Problem`.
   */
  readonly client: ContractClient;
  readonly events: Events;
  openKernelSocket(o: { project: string; kernel: string; since?: number; signal: AbortSignal }): KernelSocket;
  /** For bytes: `path` begins after `/api/v1`. Waits while reconnecting. Throws a `Problem` unless the answer is ok. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
};
