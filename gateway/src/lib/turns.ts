/** One at a time for each key, in the order asked. */
export type Turns = <T>(key: string, operation: () => Promise<T>) => Promise<T>;

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return async (key, operation) => {
    const before = last.get(key);
    const { promise, resolve } = Promise.withResolvers<void>();
    last.set(key, promise);
    try {
      await before;
      return await operation();
    } finally {
      if (last.get(key) === promise) last.delete(key);
      resolve();
    }
  };
}
