/** Runs what is asked for a few at a time, what matters most first. */

export type FewAtOnce<K> = <T>(key: K, work: () => Promise<T>) => Promise<T>;

/** @param isFirst asked when a place is free, since what matters may have changed meanwhile */
export function fewAtOnce<K>(most: number, isFirst: (key: K) => boolean): FewAtOnce<K> {
  const waiting: { key: K; start: () => void }[] = [];
  let running = 0;

  function startNext(): void {
    const first = waiting.findIndex(({ key }) => isFirst(key));
    const [next] = waiting.splice(Math.max(first, 0), 1);
    // Its place is handed on, so that nobody slips in between.
    if (next) next.start();
    else running -= 1;
  }

  return async (key, work) => {
    if (running < most) running += 1;
    else await new Promise<void>((start) => waiting.push({ key, start }));
    try {
      return await work();
    } finally {
      startNext();
    }
  };
}
