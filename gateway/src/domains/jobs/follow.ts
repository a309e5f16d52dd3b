/** Watches an execution that runs, through its folder and its container, until it is known how it ended. */
import type { ContainerState, Docker } from '../../adapters/docker/docker.ts';
import type { Runner, RunnerEnd } from '../../ports/job-agent.ts';
import { createChanges } from '../../lib/changes.ts';
import { delay } from '../../lib/delay.ts';
import { untilOver } from '../kernels/connection.ts';

export type Following = {
  docker: Pick<Docker, 'inspect' | 'wait'>;
  runner: Runner;
  container: string;
  /** The folder of its runner. */
  directory: string;
  onLog: () => void;
  /** Called where its cells may have moved on. */
  onProgress: () => Promise<void>;
  signal: AbortSignal;
};

/** What its runner wrote, null where it did not live to; and what is left of its container, null if nothing. */
export type End = { told: RunnerEnd | null; container: ContainerState | null };

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
      const container = over.container();
      const waiting = new AbortController();
      const rung = state.next(AbortSignal.any([signal, waiting.signal]));
      await onProgress();
      // Before its end, whatever stands there may be its program's words.
      if (container !== undefined) return { told: await runner.readEnd(directory), container };
      over.throwIfFailed();
      await Promise.race([rung, delay(lookAgainMilliseconds, waiting.signal)]);
      waiting.abort();
    }
  } finally {
    leaving.abort();
  }
}

function noteWhenOver({ docker, container }: Following, ring: () => void, signal: AbortSignal) {
  let found: ContainerState | null | undefined;
  let failure: unknown;
  void (async () => {
    try {
      found = await untilOver(docker, container, signal);
    } catch (error) {
      failure = error;
    }
    ring();
  })();
  return {
    /** undefined: it runs. */
    container: () => found,
    throwIfFailed(): void {
      if (failure !== undefined) throw failure;
    },
  };
}
