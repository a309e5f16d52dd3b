/** What a kernel or a job asks of the machine, against what the machine has. */
import { Problem } from '@bine/shared/problems';
import type { Capacity } from '../../ports/compute.ts';

export type Wanted = { memory: number; cores: number; gpus: number };

/** @throws Problem `invalid`, naming each field that this machine can never satisfy */
export function refuseImpossible(wanted: Wanted, machine: Capacity, who = 'The kernel'): void {
  const fields = [
    wanted.memory > machine.memory && { field: 'memory', problem: `${wanted.memory} MiB, but this machine has ${machine.memory} MiB` },
    wanted.cores > machine.cores && { field: 'cores', problem: `${wanted.cores} cores, but this machine has ${machine.cores}` },
    wanted.gpus > machine.gpus && {
      field: 'gpus',
      problem: `${wanted.gpus} GPUs, but this machine has ${machine.gpus} that containers can use`,
    },
  ].filter((field) => field !== false);
  if (fields.length === 0) return;
  throw new Problem('invalid', `${who} asks for more than there is: ${fields.map((field) => field.problem).join('; ')}.`, { fields });
}

/** GPUs that nobody else has. Counting alone would give everybody the first one. */
export function pickGpus(count: number, total: number, taken: string[]): string[] {
  const free = Array.from({ length: total }, (_, index) => `${index}`).filter((gpu) => !taken.includes(gpu));
  if (free.length >= count) return free.slice(0, count);
  throw new Problem('conflict', `${count} GPUs are wanted, but only ${free.length} of ${total} are free. Shut down a kernel that has one.`);
}
