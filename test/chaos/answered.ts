/** Calls to a gateway that may be killed at any moment of them. */
import { AssertionError } from 'node:assert';
import { problemFrom } from '@bine/shared/problems';
import { until } from '../until.ts';

/** Asks until somebody answers. `signal` is aborted when the suite is over. */
export async function untilAnswered<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const attempt = async () => {
    try {
      return { answer: await ask() };
    } catch (error) {
      const problem = problemFrom(error);
      if (error instanceof AssertionError || (problem && problem.code !== 'starting')) throw error;
      return null;
    }
  };
  return (await until(attempt, 'the gateway to answer', { signal, everyMs: 20 })).answer;
}
