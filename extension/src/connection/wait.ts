/** Waiting that can be cut short. */

/** Resolves after `ms`, or as soon as one of the signals aborts; never rejects. */
export async function pause(ms: number, ...signals: AbortSignal[]): Promise<void> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), ms);
  await aborted(over.signal, ...signals);
  clearTimeout(timer);
}

/** Resolves as soon as one of the signals aborts. */
export function aborted(...signals: AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const signal of signals) signal.removeEventListener('abort', done);
      resolve();
    };
    for (const signal of signals) signal.addEventListener('abort', done, { once: true });
    if (signals.some((signal) => signal.aborted)) done();
  });
}
