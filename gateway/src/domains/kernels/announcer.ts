/** Tells what changed of a kernel, often enough to be right and seldom enough not to be a flood. */
import type { KernelRecord } from '../../ports/state/kernels.ts';

export type Snapshot = KernelRecord & { memoryUsed: number | null; cpuUsed: number | null };

export type Announcer = {
  note(snapshot: Snapshot): void;
  /** Tells at once what has not been told. */
  flush(): void;
};

/** Cells of a millisecond in a loop are not a thousand events: what changed back within this time is not told. */
const stateMilliseconds = 300;
const useMilliseconds = 10_000;

export function createAnnouncer(tell: (snapshot: Snapshot) => void): Announcer {
  let told: Snapshot | null = null;
  let toldAt = 0;
  let latest: Snapshot | null = null;
  let timer: NodeJS.Timeout | undefined;
  let due = Number.POSITIVE_INFINITY;

  function flush(): void {
    clearTimeout(timer);
    due = Number.POSITIVE_INFINITY;
    if (!latest || (told && !stateDiffers(told, latest) && !useDiffers(told, latest))) return;
    told = latest;
    toldAt = performance.now();
    tell(told);
  }

  return {
    flush,
    note(snapshot) {
      latest = snapshot;
      const wait = told ? waitFor(told, snapshot) : 0;
      if (wait === null) return;
      const at = toldAt + wait;
      const left = at - performance.now();
      if (!told || left <= 0) {
        flush();
      } else if (at < due) {
        due = at;
        clearTimeout(timer);
        timer = setTimeout(flush, left);
        timer.unref();
      }
    },
  };
}

/** Milliseconds that must lie between what was told and this. null: not worth telling. */
function waitFor(told: Snapshot, latest: Snapshot): number | null {
  if (stateDiffers(told, latest)) return stateMilliseconds;
  return useDiffers(told, latest) ? useMilliseconds : null;
}

function stateDiffers(one: Snapshot, other: Snapshot): boolean {
  const isSame = one.state === other.state && one.cause === other.cause && one.epoch === other.epoch && one.notebook === other.notebook;
  return !isSame || one.revision !== other.revision || one.parts.join() !== other.parts.join();
}

function useDiffers(one: Snapshot, other: Snapshot): boolean {
  const memory = Math.abs((one.memoryUsed ?? 0) - (other.memoryUsed ?? 0));
  const cpu = Math.abs((one.cpuUsed ?? 0) - (other.cpuUsed ?? 0));
  return memory > Math.max(8 * 2 ** 20, (one.memoryUsed ?? 0) / 10) || cpu > 0.2;
}
