/** At the gateway's start: what runs is found again, at once or, where the backend does not answer, when it does. */
import { Problem } from '@bine/shared/problems';
import { delay } from '../../lib/delay.ts';

export type Recovery = {
  /** Finds what runs. May be called again after it failed. */
  recover: (signal: AbortSignal) => Promise<void>;
  onError: (error: unknown) => void;
  signal: AbortSignal;
};

const retryMs = 3000;

/** @param onDone called when it has succeeded. @throws what is no absence of the backend; of such, `recover` is called again behind it */
export async function recoverWorkloads({ recover, onError, signal }: Recovery, onDone: () => void): Promise<void> {
  try {
    await recover(signal);
    onDone();
  } catch (error) {
    if (!isAway(error)) throw error;
    void recoverLater({ recover, onError, signal }).then((done) => done && onDone());
  }
}

async function recoverLater({ recover, onError, signal }: Recovery): Promise<boolean> {
  while (!signal.aborted) {
    await delay(retryMs, signal);
    try {
      await recover(signal);
      return true;
    } catch (error) {
      if (!signal.aborted && !isAway(error)) onError(error);
    }
  }
  return false;
}

const isAway = (error: unknown): boolean => error instanceof Problem && error.code === 'engine-unavailable';
