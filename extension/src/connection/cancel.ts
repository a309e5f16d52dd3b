/** Cancels at the gateway what the user cancelled here. */
import type { Problem } from '@bine/shared/problems';
import { toProblem } from './problem.ts';

export type Cancelling = {
  /** Of the notification. */
  signal: AbortSignal;
  cancel: () => Promise<unknown>;
  /** It could not be cancelled, and goes on. */
  onFailure: (problem: Problem) => void;
};

export function cancelWith({ signal, cancel, onFailure }: Cancelling): void {
  const act = () => void cancelNow(cancel, onFailure);
  signal.addEventListener('abort', act, { once: true });
  if (signal.aborted) act();
}

/** What has ended meanwhile, or is gone, need not be cancelled: how it ended is told by whoever follows it. */
export async function cancelNow(cancel: Cancelling['cancel'], onFailure: Cancelling['onFailure']): Promise<void> {
  try {
    await cancel();
  } catch (error) {
    const problem = toProblem(error);
    if (problem.code !== 'conflict' && problem.code !== 'not-found') onFailure(problem);
  }
}
