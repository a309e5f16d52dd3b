/** Watches an execution that runs, through its folder and its workload, until it is known how it ended. */
import type { RunnerEnd } from '../../ports/job-agent.ts';
import { createChanges } from '../../lib/changes.ts';
import { delay } from '../../lib/delay.ts';
import type { Compute, EndReason, WorkloadRef } from '../../ports/compute.ts';
import type { Runner } from '../../ports/job-agent.ts';

export type Following = {
  compute: Pick<Compute, 'untilOver'>;
  runner: Runner;
  workload: WorkloadRef;
  /** The folder of its runner. */
  directory: string;
  onLog: () => void;
  /** Called where its cells may have moved on. */
  onProgress: () => Promise<void>;
  signal: AbortSignal;
};

/** What its runner wrote, null where it did not live to; and how its workload ended. */
export type End = { told: RunnerEnd | null; end: EndReason };

/** The system forgets to tell of changes when there are too many at once. */
const lookAgainMilliseconds = 5000;

export async function followToEnd(following: Following): Promise<End> {
  const { runner, directory, onLog, onProgress, signal } = following;
  const state = createChanges();
  const leaving = new AbortController();
  using _watch = runner.watchFolder(directory, (what) => (what === 'log' ? onLog() : state.ring()));
  const over = noteWhenOver(following, state.ring, AbortSignal.any([signal, leaving.signal]));
  try {
    for (;;) {
      signal.throwIfAborted();
      // Both before reading: what happens after the read has rung the bell by the time we wait for it.
      const end = over.end();
      const waiting = new AbortController();
      const rung = state.next(AbortSignal.any([signal, waiting.signal]));
      await onProgress();
      // Before its end, whatever stands there may be its program's words.
      if (end) return { told: await runner.readEnd(directory), end };
      over.throwIfFailed();
      await Promise.race([rung, delay(lookAgainMilliseconds, waiting.signal)]);
      waiting.abort();
    }
  } finally {
    leaving.abort();
  }
}

function noteWhenOver({ compute, workload }: Following, ring: () => void, signal: AbortSignal) {
  let end: EndReason | undefined;
  let failure: unknown;
  void (async () => {
    try {
      end = await compute.untilOver(workload, signal);
    } catch (error) {
      failure = error;
    }
    ring();
  })();
  return {
    /** undefined: it runs. */
    end: () => end,
    throwIfFailed(): void {
      if (failure !== undefined) throw failure;
    },
  };
}
