/** The one way of the tests to wait for what no event tells: every such wait ends, and its failure says what it waited for. */
import { setTimeout as delay } from 'node:timers/promises';
import { untilAborted } from '../gateway/src/lib/until-aborted.ts';
import { patience } from './vscode/patience.ts';

type Options = {
  /** Ends the wait: the signal of the test, or one that is aborted after the suite. */
  signal?: AbortSignal | undefined;
  /** Milliseconds after which it has failed. */
  withinMs?: number;
  /** Milliseconds from one look to the next. */
  everyMs?: number;
};

/**
 * Looks until `condition` holds. What it throws is thrown.
 * @param what a clause that ends "Waited for …"
 * @returns the first value of it that is not false, null or undefined
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  what: string,
  { signal, withinMs = patience, everyMs = 50 }: Options = {},
): Promise<Exclude<T, false | null | undefined>> {
  const late = AbortSignal.timeout(withinMs);
  const over = signal ? AbortSignal.any([signal, late]) : late;
  try {
    for (;;) {
      const value = await untilAborted(Promise.resolve(condition()), over);
      if (value !== false && value !== null && value !== undefined) return value as Exclude<T, false | null | undefined>;
      await delay(everyMs, undefined, { signal: over });
    }
  } catch (error) {
    if (!over.aborted) throw error;
    throw new Error(`Waited for ${what}, in vain ${late.aborted ? `for ${withinMs / 1000} s` : 'until its test ended'}.`, { cause: error });
  }
}
