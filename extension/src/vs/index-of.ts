/** What is known by key, kept up by events and now and then asked for as a whole. */

export type Index<T> = {
  get(key: string): T | undefined;
  values(): IterableIterator<T>;
  entries(): IterableIterator<[string, T]>;
  set(key: string, value: T): void;
  delete(key: string): void;
  /** Call it before the whole is asked for, and what it returns with the answer: what an event said meanwhile is newer, and stays. */
  refill(): (answer: Iterable<readonly [string, T]>) => void;
};

export function createIndex<T>(): Index<T> {
  const known = new Map<string, T>();
  /** For each question under way, the keys that events have spoken of since. */
  const questions = new Set<Set<string>>();
  const touch = (key: string) => questions.forEach((touched) => touched.add(key));

  return {
    get: (key) => known.get(key),
    values: () => known.values(),
    entries: () => known.entries(),
    set(key, value) {
      touch(key);
      known.set(key, value);
    },
    delete(key) {
      touch(key);
      known.delete(key);
    },
    refill() {
      const touched = new Set<string>();
      questions.add(touched);
      return (answer) => {
        questions.delete(touched);
        for (const key of known.keys()) if (!touched.has(key)) known.delete(key);
        for (const [key, value] of answer) if (!touched.has(key)) known.set(key, value);
      };
    },
  };
}
