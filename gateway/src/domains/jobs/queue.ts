/**
 * Who may start: first come, first served, as far as the machine's cores, memory and GPUs reach. An execution takes its limits for as long
 * as it runs. Kernels take the memory that they use and the GPUs that they have; their cores are shared, since most wait for a person.
 */
import { Problem } from '@bine/shared/problems';
import type { Capacity } from '../../adapters/docker/docker.ts';
import { pickGpus, refuseImpossible } from '../kernels/resources.ts';
import type { Wanted } from '../kernels/resources.ts';

/** Memory in MiB. */
export type Others = { memory: number; gpus: string[] };

export type Queued = {
  id: string;
  wanted: Wanted;
  start: (gpus: string[]) => void;
  /** Told why it has to wait. */
  onWait: (why: string) => void;
};

export type QueueParts = {
  machine: () => Promise<Capacity>;
  /** Of the machine's cores and memory, from 0 to 1. */
  share: number;
  /** What kernels have at this moment. */
  others: () => Others;
  onError: (error: unknown) => void;
};

export type Queue = ReturnType<typeof createQueue>;

const lookAgainMilliseconds = 2000;

export function createQueue({ machine, share, others, onError }: QueueParts) {
  const waiting: Queued[] = [];
  const running = new Map<string, { wanted: Wanted; gpus: string[] }>();
  let timer: NodeJS.Timeout | undefined;
  const closing = new AbortController();

  async function capacity(): Promise<Capacity> {
    const { cores, memory, gpus } = await machine();
    return { cores: cores * share, memory: Math.floor(memory * share), gpus };
  }

  async function advance(): Promise<void> {
    clearTimeout(timer);
    try {
      const all = await capacity();
      // Nothing is awaited from here on: two calls at once don't start one execution twice.
      for (let first = waiting[0]; first && !closing.signal.aborted; first = waiting[0]) {
        const free = subtract(all, [...running.values()], others());
        const why = whyNot(first.wanted, free, all);
        if (why !== null) {
          first.onWait(why);
          for (const later of waiting.slice(1)) later.onWait('Waits for those that came before it.');
          break;
        }
        waiting.shift();
        const taken = [...[...running.values()].flatMap(({ gpus }) => gpus), ...others().gpus];
        const gpus = pickGpus(first.wanted.gpus, all.gpus, taken);
        running.set(first.id, { wanted: first.wanted, gpus });
        first.start(gpus);
      }
    } catch (error) {
      if (closing.signal.aborted) return;
      if (!(error instanceof Problem)) onError(error);
      waiting[0]?.onWait(error instanceof Error ? error.message : String(error));
    }
    // What kernels use changes by itself, and an engine that was away comes back.
    clearTimeout(timer);
    if (waiting.length > 0 && !closing.signal.aborted) timer = setTimeout(() => void advance(), lookAgainMilliseconds).unref();
  }

  return {
    /** @throws Problem `invalid`, with the numbers, for what can never start here */
    async refuseImpossible(wanted: Wanted): Promise<void> {
      refuseImpossible(wanted, await capacity(), 'The job');
    },
    /** At the end of the queue. */
    add(queued: Queued): void {
      waiting.push(queued);
      void advance();
    },
    /** One that was started before this gateway was. */
    hold(id: string, wanted: Wanted, gpus: string[]): void {
      running.set(id, { wanted, gpus });
    },
    /** false: it is not in the queue any more. */
    leave(id: string): boolean {
      const at = waiting.findIndex((queued) => queued.id === id);
      if (at === -1) return false;
      waiting.splice(at, 1);
      void advance();
      return true;
    },
    /** What it took is free again. */
    release(id: string): void {
      running.delete(id);
      if (waiting.length > 0) void advance();
    },
    gpus: () => [...running.values()].flatMap(({ gpus }) => gpus),
    close(): void {
      closing.abort();
      clearTimeout(timer);
    },
  };
}

function subtract(all: Capacity, running: { wanted: Wanted; gpus: string[] }[], others: Others): Capacity {
  return running.reduce(
    (free, { wanted }) => ({
      cores: free.cores - wanted.cores,
      memory: free.memory - wanted.memory,
      gpus: free.gpus - wanted.gpus,
    }),
    { cores: all.cores, memory: all.memory - others.memory, gpus: all.gpus - others.gpus.length },
  );
}

/** Sums of fractions of cores are not exact. */
const tolerance = 1e-6;

function whyNot(wanted: Wanted, free: Capacity, all: Capacity): string | null {
  const lacking = [
    wanted.cores > free.cores + tolerance && `${number(wanted.cores)} cores (${number(free.cores)} of ${number(all.cores)} are free)`,
    wanted.memory > free.memory && `${wanted.memory} MiB of memory (${Math.max(0, free.memory)} of ${all.memory} are free)`,
    wanted.gpus > free.gpus && `${wanted.gpus} GPUs (${Math.max(0, free.gpus)} of ${all.gpus} are free)`,
  ].filter((lack) => lack !== false);
  return lacking.length === 0 ? null : `Waits for ${lacking.join(' and ')}.`;
}

const number = (cores: number): number => Math.max(0, Math.round(cores * 10) / 10);
