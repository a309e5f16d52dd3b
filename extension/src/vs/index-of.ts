/** What is known by key, kept up by events and now and then asked for as a whole. */

export type Index<T> = {
  get(key: string): T | undefined;
  values(): IterableIterator<T>;
  entries(): IterableIterator<[string, T]>;
  set(key: string, value: T): void;
  delete(key: string): void;
  /**
   * Takes the answer to a question for the whole that is asked now. What an event said meanwhile is newer, and stays; so is the answer
   * to a later question. Fails as the question does, and changes nothing then.
   */
  refill(answer: Promise<Iterable<readonly [string, T]>>): Promise<void>;
};

export function createIndex<T>(): Index<T> {
  const known = new Map<string, T>();
  /** For each question under way, the keys that events have spoken of since. */
  const questions = new Set<Set<string>>();
  let [asked, answered] = [0, 0];
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
    async refill(answer) {
      const touched = new Set<string>();
      const number = ++asked;
      questions.add(touched);
      try {
        const entries = await answer;
        if (number < answered) return;
        answered = number;
        for (const key of known.keys()) if (!touched.has(key)) known.delete(key);
        for (const [key, value] of entries) if (!touched.has(key)) known.set(key, value);
      } finally {
        questions.delete(touched);
      }
    },
  };
}
