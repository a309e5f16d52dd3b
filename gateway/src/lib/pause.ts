import { setImmediate as nextTurn } from 'node:timers/promises';

export type Pause = () => Promise<void>;

/** Milliseconds. */
const longestTurn = 5;

/** To be awaited between the steps of long work: once it has had the thread for some time, it leaves it to others. */
export function createPause(): Pause {
  let began = performance.now();
  return async () => {
    if (performance.now() - began < longestTurn) return;
    await nextTurn();
    began = performance.now();
  };
}
