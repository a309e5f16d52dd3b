/** What changes one repository waits for what was asked before. */
import { Problem } from '@bine/shared/problems';
import { createTurns } from '../../lib/turns.ts';

export type Queue = {
  /** Who stops waiting leaves the queue; what has begun ends by itself. */
  enter<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  /** Whether something is under way. */
  busy(key: string): boolean;
};

export function createQueue(): Queue {
  const turns = createTurns();
  const busy = new Set<string>();
  return {
    busy: (key) => busy.has(key),
    enter(key, signal, work) {
      let begun = false;
      const turn = turns(key, async () => {
        signal.throwIfAborted();
        begun = true;
        busy.add(key);
        try {
          return await work();
        } finally {
          busy.delete(key);
        }
      });
      // It fails late where the caller has left meanwhile.
      turn.catch(() => undefined);
      return Promise.race([turn, abortedUnless(signal, () => begun)]);
    },
  };
}

function abortedUnless(signal: AbortSignal, begun: () => boolean): Promise<never> {
  return new Promise((_, reject) => {
    const leave = () => {
      if (begun()) return;
      reject(
        signal.reason instanceof Problem
          ? signal.reason
          : new Problem('cancelled', 'It was cancelled before its turn came; nothing was done.'),
      );
    };
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
}
