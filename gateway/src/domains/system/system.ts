/** What the gateway says of itself and of the machine. */
import { availableParallelism, totalmem } from 'node:os';
import type { DiskSpace, Health, Status } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { Compute } from '../../ports/compute.ts';

export type System = { health(): Health; status(signal: AbortSignal): Promise<Status> };

export type SystemOptions = {
  version: string;
  /** The id that its containers carry as a label. */
  gateway: string;
  compute: Pick<Compute, 'describe' | 'capacity'>;
  space: { now(): DiskSpace };
  egress: () => Status['egress'];
  /** How many run now. */
  kernels: () => number;
  isReady: () => boolean;
};

export function createSystem({ version, gateway, compute, space, egress, kernels, isReady }: SystemOptions): System {
  const started = new Date().toISOString();

  /** Null where the engine does not answer, which is worth a word but no failure. */
  async function askEngine(signal: AbortSignal): Promise<Pick<Status, 'engine' | 'capacity'> | null> {
    try {
      const [engine, capacity] = await Promise.all([compute.describe(signal), compute.capacity(signal)]);
      return { engine, capacity };
    } catch (error) {
      if (error instanceof Problem && (error.code === 'engine-unavailable' || error.code === 'timeout')) return null;
      throw error;
    }
  }

  return {
    health: () => ({ status: isReady() ? 'ok' : 'starting', version }),
    async status(signal) {
      const known = await askEngine(signal);
      const machine = { cores: availableParallelism(), memory: Math.floor(totalmem() / 2 ** 20), gpus: 0 };
      const now = { disk: space.now(), egress: egress(), kernels: kernels() };
      return { version, started, gateway, engine: null, capacity: machine, ...known, ...now };
    },
  };
}
