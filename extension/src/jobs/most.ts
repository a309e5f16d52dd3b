/** What one execution of a project can have. */
import type { Capacity } from '@bine/shared';
import type { ContractClient } from '../connection/client.ts';
import type { Most } from './compute.ts';

export async function mostOf({ system }: ContractClient, project: string): Promise<Most> {
  return mostIn(await system.capacity({}), project);
}

/** No more than the machine has, and the project may take. */
export function mostIn({ machine, projects }: Pick<Capacity, 'machine' | 'projects'>, project: string): Most {
  const limits = projects.find((one) => one.project === project)?.limits;
  const least = (has: number, may: number | null | undefined) => Math.min(has, may ?? has);
  return {
    cores: least(machine.cores, limits?.cores),
    memory: least(machine.memory, limits?.memory),
    gpus: least(machine.gpus, limits?.gpus),
  };
}
