/** Hands out the gateway's events by type, each once and in order, whatever happens to the connection. */
import type { Event, EventType } from '@bine/shared';
import { follow } from './follow.ts';
import type { ContractClient } from './rpc.ts';

export type EventOf<T extends EventType> = Extract<Event, { type: T }>;
type Listener = (event: Event) => void;

export type FeedOptions = {
  client: Pick<ContractClient, 'events'>;
  connected: (signal: AbortSignal) => Promise<void>;
  /** Events may have been missed. */
  onReset: () => void;
  onProblem: (error: unknown) => void;
};

export type Feed = {
  /** Returns what ends it. `reset` is told by {@link FeedOptions.onReset}. */
  on<T extends EventType>(type: T, listener: (event: EventOf<T>) => void): () => void;
  /** Begins anew, as for another gateway or another user. */
  restart(): void;
  close(): void;
};

export function createFeed(options: FeedOptions): Feed {
  const listeners = new Map<EventType, Set<Listener>>();
  let running = new AbortController();

  async function run(signal: AbortSignal): Promise<void> {
    const stream = follow({
      open: ({ lastEventId, signal }) => options.client.events.subscribe({}, { signal, ...(lastEventId && { lastEventId }) }),
      connected: options.connected,
      signal,
      idOf: (event) => String(event.id),
      onOpen: (resumed) => !resumed && options.onReset(),
    });
    for await (const event of stream) {
      if (event.type === 'reset') options.onReset();
      for (const listener of listeners.get(event.type) ?? []) listener(event);
    }
  }
  const start = () => void run(running.signal).catch(options.onProblem);
  start();

  return {
    on(type, listener) {
      const set = listeners.get(type) ?? new Set();
      listeners.set(type, set.add(listener as Listener));
      return () => void set.delete(listener as Listener);
    },
    restart() {
      running.abort();
      running = new AbortController();
      start();
    },
    close: () => running.abort(),
  };
}
