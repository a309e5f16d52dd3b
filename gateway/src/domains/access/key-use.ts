/** When each key was last used. Written in batches: a key may be used thousands of times a second. */

const writeEvery = 30_000;

type KeyUseOptions = { write: (times: ReadonlyMap<string, string>) => Promise<void>; onError: (error: unknown) => void };

export function createKeyUse({ write, onError }: KeyUseOptions) {
  let pending = new Map<string, string>();

  const flush = async () => {
    if (pending.size === 0) return;
    const times = pending;
    pending = new Map();
    await write(times);
  };
  const timer = setInterval(() => void flush().catch(onError), writeEvery).unref();

  return {
    note: (keyId: string) => void pending.set(keyId, new Date().toISOString()),
    flush,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await flush();
    },
  };
}
