/** One piece of work for several callers: who comes while it is under way joins it and is told what was said before. */
import { untilAborted } from '../../lib/until-aborted.ts';
import type { BuildProgress } from '../../ports/images.ts';

type Work<T> = (progress: BuildProgress) => Promise<T>;
type Running<T> = { result: Promise<T>; said: string[]; listeners: Set<(line: string) => void>; stop: AbortController };

/** The work is aborted when the last caller that waits for it gives up. */
export function share<T>(work: Work<T>): Work<T> {
  let running: Running<T> | null = null;

  function begin(): Running<T> {
    const stop = new AbortController();
    const said: string[] = [];
    const listeners = new Set<(line: string) => void>();
    const onLine = (line: string) => {
      said.push(line);
      for (const listener of listeners) listener(line);
    };
    const started: Running<T> = { said, listeners, stop, result: work({ signal: stop.signal, onLine }) };
    const end = () => {
      if (running === started) running = null;
    };
    started.result.then(end, end);
    return started;
  }

  return async ({ signal, onLine }) => {
    signal.throwIfAborted();
    running ??= begin();
    const joined = running;
    for (const line of joined.said) onLine(line);
    // A function of its own, so that a caller that comes twice is counted twice.
    const listener = (line: string) => onLine(line);
    joined.listeners.add(listener);
    try {
      return await untilAborted(joined.result, signal);
    } finally {
      joined.listeners.delete(listener);
      if (joined.listeners.size === 0 && running === joined) {
        running = null;
        joined.stop.abort(signal.reason);
      }
    }
  };
}
