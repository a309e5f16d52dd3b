/** Waiting until a kernel can run something, and while its environment is built. */
import type { Kernel } from '@bine/shared';
import { Problem } from '@bine/shared/problems';

export type StartWatch = {
  /** Tells how the kernel is now and whenever that changes. Answers how to stop it. */
  follow: (look: (kernel: Pick<Kernel, 'state' | 'cause'>) => void, onError: (error: unknown) => void) => () => void;
  /** Shows how far the build is, until the signal. True: the user cancelled it. */
  showBuilding: (until: AbortSignal) => Promise<boolean>;
  /** Gives up waiting. */
  signal: AbortSignal;
};

/** @throws Problem `cancelled`, or why the kernel did not start; what was shown of its build has ended by then */
export async function untilStarted({ follow, showBuilding, signal }: StartWatch): Promise<void> {
  const done = new AbortController();
  const cancelled = () => new Problem('cancelled', 'Cancelled.');
  let building: Promise<boolean> | undefined;
  let stop = () => {};
  const started = new Promise<void>((resolve, reject) => {
    stop = follow(({ state, cause }) => {
      if (state === 'dead' || state === 'stopped') reject(new Problem('conflict', cause ?? 'The kernel did not start.'));
      else if (state !== 'building' && state !== 'starting') resolve();
      else if (state === 'building' && !building) {
        building = showBuilding(done.signal);
        building.then((stopped) => stopped && reject(cancelled()), reject);
      }
    }, reject);
    signal.addEventListener('abort', () => reject(cancelled()), { once: true });
    if (signal.aborted) reject(cancelled());
  });
  /** True: the user cancelled the build. */
  async function end(): Promise<boolean> {
    stop();
    done.abort();
    return (await building) ?? false;
  }
  try {
    await started;
  } catch (error) {
    // A kernel whose build is cancelled dies of it.
    throw (await end()) ? cancelled() : error;
  }
  await end();
}
