/** Reads something again when it may have changed: not for each of many changes, never twice at once, and the latest wins. */

export type Refresher<T> = {
  /** Soon. */
  ask(): void;
  /** At once, or as soon as what is being read now is there. Rejects with what reading throws. */
  now(): Promise<void>;
  /** What is known without reading: an answer under way is older, and dropped. */
  put(value: T): void;
  dispose(): void;
};

export type RefresherOptions<T> = {
  read: () => Promise<T>;
  show: (value: T) => void;
  /** Reading failed, and nobody waits for it. */
  failed: (error: unknown) => void;
  /** Milliseconds in which changes are gathered. */
  gather: number;
};

export function createRefresher<T>({ read, show, failed, gather }: RefresherOptions<T>): Refresher<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | null = null;
  let [again, over] = [false, false];
  let generation = 0;
  let took = 0;

  async function run(): Promise<void> {
    do {
      again = false;
      const mine = ++generation;
      const began = Date.now();
      const value = await read();
      took = Date.now() - began;
      if (mine === generation && !over) show(value);
    } while (again);
  }

  function now(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    again = running !== null && !over;
    running ??= run().finally(() => (running = null));
    return running;
  }

  return {
    ask() {
      // Where reading is slow, it takes at most a third of the time, however much changes.
      if (!over) timer ??= setTimeout(() => void now().catch(failed), Math.max(gather, 2 * took));
    },
    now,
    put(value) {
      generation++;
      show(value);
    },
    dispose() {
      [again, over] = [false, true];
      clearTimeout(timer);
    },
  };
}
