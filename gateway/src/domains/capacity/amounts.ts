/** Cores, memory in MiB and GPUs: adding, subtracting and saying them. */
export type Amount = { cores: number; memory: number; gpus: number };

export const nothing: Amount = { cores: 0, memory: 0, gpus: 0 };

/** Sums of fractions of cores are not exact. */
const tolerance = 1e-6;

export function add(one: Amount, other: Amount): Amount {
  return { cores: one.cores + other.cores, memory: one.memory + other.memory, gpus: one.gpus + other.gpus };
}

/** Never below zero. */
export function subtract(all: Amount, taken: Amount): Amount {
  const left = (field: keyof Amount) => Math.max(0, all[field] - taken[field]);
  return { cores: left('cores'), memory: left('memory'), gpus: left('gpus') };
}

export const sum = (amounts: Iterable<Amount>): Amount => [...amounts].reduce(add, nothing);

const fields = ['cores', 'memory', 'gpus'] as const;

/** The fields of which less is free than is wanted. */
export function lacking(wanted: Amount, free: Amount): (keyof Amount)[] {
  return fields.filter((field) => wanted[field] > free[field] + tolerance);
}

/** The largest part of the whole that it takes of anything, from 0 to 1. */
export function dominantShare(taken: Amount, all: Amount): number {
  return Math.max(...fields.map((field) => (taken[field] === 0 ? 0 : taken[field] / Math.max(all[field], taken[field]))));
}

export type Countable = keyof Amount | 'running' | 'queued' | 'kernels' | 'disk';

const units: Record<Countable, [one: string, many: string]> = {
  cores: ['core', 'cores'],
  memory: ['MiB of memory', 'MiB of memory'],
  gpus: ['GPU', 'GPUs'],
  running: ['running execution', 'running executions'],
  queued: ['queued execution', 'queued executions'],
  kernels: ['kernel', 'kernels'],
  disk: ['MiB of disk', 'MiB of disk'],
};

/** `1 core`, `2048 MiB of memory` */
export function say(value: number, field: Countable): string {
  const rounded = round(value);
  return `${rounded} ${units[field][rounded === 1 ? 0 : 1]}`;
}

/** To a tenth: nobody asks for less of a core. */
export const round = (value: number): number => Math.max(0, Math.round(value * 10) / 10);
