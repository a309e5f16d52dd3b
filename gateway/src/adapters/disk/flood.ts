/**
 * When too much happens at once, the kernel drops what does not fit its queue, and Node does not pass on that it
 * did. All that fitted then arrives in one go: so many events in a moment mean that more may have been lost, of any watch.
 */
import { readFileSync } from 'node:fs';

export type Flood = {
  /** Counts one event. */
  drop(): void;
  /** @returns a function that ends the listening */
  onFlood(listener: () => void): () => void;
};

export function createFlood(limit = queueLength() / 2): Flood {
  const listeners = new Set<() => void>();
  let events = 0;
  let moment: NodeJS.Immediate | null = null;
  const pass = () => {
    moment = null;
    const flooded = events >= limit;
    events = 0;
    if (flooded) for (const listener of listeners) listener();
  };
  return {
    drop() {
      events += 1;
      // After the poll phase that brought the events.
      moment ??= setImmediate(pass);
    },
    onFlood(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function queueLength(): number {
  return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
}
