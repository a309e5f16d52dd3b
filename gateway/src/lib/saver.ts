/** Saves values by their keys, the latest of each. What finds no room on the disk is tried again until there is some. */
import { isNoSpace } from './no-space.ts';

export type SaverOptions<T> = {
  write: (value: T) => Promise<void>;
  keyOf: (value: T) => string;
  onError: (error: unknown) => void;
  retryMilliseconds?: number;
};

export type Saver<T> = {
  /** Resolves when it is written, or when there is no room for it now and it waits. */
  save(value: T): Promise<void>;
  /** The latest value of that key, as long as it is not written. */
  unwritten(key: string): T | undefined;
  /** Resolves when all was written for which there is room. */
  saved(): Promise<void>;
  /** Nothing is tried again any more. */
  close(): void;
};

export function createSaver<T>({ write, keyOf, onError, retryMilliseconds = 1000 }: SaverOptions<T>): Saver<T> {
  const pending = new Map<string, T>();
  let writing: Promise<void> | null = null;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  async function drain(): Promise<void> {
    clearTimeout(retry);
    for (let first = pending.entries().next(); !first.done; first = pending.entries().next()) {
      const [key, value] = first.value;
      try {
        await write(value);
      } catch (error) {
        onError(error);
        if (isNoSpace(error)) {
          if (!closed) retry = setTimeout(() => void start(), retryMilliseconds).unref();
          break;
        }
      }
      if (pending.get(key) === value) pending.delete(key);
    }
    writing = null;
  }

  // Begun a moment later, so that whoever asks meanwhile finds it under way.
  const start = (): Promise<void> => (writing ??= Promise.resolve().then(drain));
  return {
    save(value) {
      pending.set(keyOf(value), value);
      return start();
    },
    unwritten: (key) => pending.get(key),
    saved: () => (pending.size === 0 ? Promise.resolve() : start()),
    close() {
      closed = true;
      clearTimeout(retry);
    },
  };
}
