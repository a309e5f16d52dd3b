/** The connection to a kernel's supervisor, which comes, is lost, and comes again. Whoever knocks waits for the next one. */
import { Problem } from '@bine/shared/problems';
import type { Supervisor } from '../../ports/kernel-agent.ts';
import { untilAborted } from '../../lib/until-aborted.ts';

export type Door = {
  /** null while there is no connection. */
  connected(): Supervisor | null;
  /** @throws Problem `conflict` once it is closed for good */
  wait(signal: AbortSignal): Promise<Supervisor>;
  open(supervisor: Supervisor): void;
  /** The connection is lost; another may come. */
  lose(): void;
  /** None will come. */
  close(why: string): void;
};

export function createDoor(): Door {
  let next = newPromise();
  let connected: Supervisor | null = null;
  return {
    connected: () => connected,
    wait: (signal) => untilAborted(next.promise, signal),
    open(supervisor) {
      connected = supervisor;
      next.resolve(supervisor);
    },
    lose() {
      connected = null;
      next = newPromise();
    },
    close(why) {
      connected = null;
      next.reject(new Problem('conflict', why));
    },
  };
}

function newPromise(): PromiseWithResolvers<Supervisor> {
  const next = Promise.withResolvers<Supervisor>();
  // Nobody may be waiting when it is closed.
  next.promise.catch(() => undefined);
  return next;
}
