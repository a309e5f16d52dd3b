/** Tells how long nobody else had the thread. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Milliseconds of the processor, which other processes of a busy machine do not lengthen. */
export async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  const over = new AbortController();
  const watching = (async () => {
    let before = process.threadCpuUsage();
    while (!over.signal.aborted) {
      await nextTurn();
      const { user, system } = process.threadCpuUsage(before);
      longest = Math.max(longest, (user + system) / 1000);
      before = process.threadCpuUsage();
    }
  })();
  try {
    await work();
  } finally {
    over.abort();
    await watching;
  }
  return longest;
}
