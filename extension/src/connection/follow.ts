/** Streams that go on where they stopped, however often the connection is lost. */
import type { Problem } from '@bine/shared/problems';
import { getEventMeta } from '@orpc/client';
import { toProblem } from './problem.ts';
import { pause } from './wait.ts';

export type FollowOptions<T> = {
  /** Opens the stream after the value with this id; undefined: from where the stream itself begins. */
  open: (o: { lastEventId: string | undefined; signal: AbortSignal }) => Promise<AsyncIterable<T>>;
  /** Resolves when there is a connection. */
  connected: (signal: AbortSignal) => Promise<void>;
  signal: AbortSignal;
  /** Default: the id that the stream itself attached. */
  idOf?: (value: T) => string | undefined;
  /** The stream was opened. `resumed`: after the value seen last. */
  onOpen?: (resumed: boolean) => void;
};

/** Ends when the stream ends on purpose or the signal aborts; throws a `Problem` that trying again would not mend. */
export async function* follow<T>({ open, connected, signal, idOf = attachedId, onOpen }: FollowOptions<T>): AsyncGenerator<T, void> {
  let lastEventId: string | undefined;
  for (let tries = 0; ; tries++) {
    try {
      await connected(signal);
      if (signal.aborted) return;
      const stream = await open({ lastEventId, signal });
      onOpen?.(lastEventId !== undefined);
      for await (const value of stream) {
        lastEventId = idOf(value) ?? lastEventId;
        tries = 0;
        yield value;
        if (signal.aborted) return;
      }
      return;
    } catch (error) {
      if (signal.aborted) return;
      const problem = toProblem(error);
      if (!passing.has(problem.code)) throw problem;
    }
    await pause(Math.min(100 * 2 ** tries, 5000), signal);
  }
}

function attachedId(value: unknown): string | undefined {
  return value !== null && typeof value === 'object' ? getEventMeta(value)?.id : undefined;
}

/** What a lost connection, a restart or a hiccup of the gateway looks like from here. */
const passing = new Set<Problem['code']>(['cancelled', 'timeout', 'internal', 'starting', 'engine-unavailable', 'no-key', 'bad-key']);
