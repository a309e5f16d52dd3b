/**
 * How much memory large records may take, from their first byte to the moment their reader has taken them: together, and of one kernel. Who
 * finds no room waits in line; meanwhile nothing is read from its connection.
 */
export type ByteBudget = {
  /** Resolves with what gives the bytes back. @throws the reason of `signal` */
  take(key: string, bytes: number, signal: AbortSignal): Promise<() => void>;
  taken(): number;
};

export type Budget = { total: number; each: number };

type Waiting = { key: string; bytes: number; resolve: (release: () => void) => void };

export function createByteBudget({ total, each }: Budget): ByteBudget {
  const byKey = new Map<string, number>();
  const waiting = new Set<Waiting>();
  let taken = 0;

  const fits = (key: string, bytes: number) => taken + bytes <= total && (byKey.get(key) ?? 0) + bytes <= each;

  function grant({ key, bytes, resolve }: Waiting): void {
    taken += bytes;
    byKey.set(key, (byKey.get(key) ?? 0) + bytes);
    let released = false;
    resolve(() => {
      if (released) return;
      released = true;
      taken -= bytes;
      const left = byKey.get(key)! - bytes;
      if (left === 0) byKey.delete(key);
      else byKey.set(key, left);
      grantWaiting();
    });
  }

  function grantWaiting(): void {
    for (const one of waiting) {
      if (!fits(one.key, one.bytes)) continue;
      waiting.delete(one);
      grant(one);
    }
  }

  return {
    taken: () => taken,
    take: (key, bytes, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const leave = () => {
          waiting.delete(one);
          reject(signal.reason as Error);
        };
        const one: Waiting = {
          key,
          bytes,
          resolve(release) {
            signal.removeEventListener('abort', leave);
            resolve(release);
          },
        };
        signal.addEventListener('abort', leave, { once: true });
        waiting.add(one);
        grantWaiting();
      }),
  };
}

/** A record from this size on needs room before the rest of it is read. */
export const largeRecord = 2 ** 20;

/** Memory is the whole process's: a gateway has one of these. */
export const createLargeRecords = (): ByteBudget => createByteBudget({ total: 42 * 2 ** 20, each: 42 * 2 ** 20 });
