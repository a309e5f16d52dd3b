/** How much of the machine a job may use, as it is offered and typed. */
import type { Compute } from '@bine/shared';
import { usualCompute } from './choices.ts';
import { limits } from './describe.ts';
import { parseParameters } from './words.ts';

/** What one execution can have: no more than the machine has, and the project may take. */
export type Most = { cores: number; memory: number; gpus: number };

const sizes: readonly Compute[] = [
  usualCompute,
  { ...usualCompute, cores: 2, memory: 4096 },
  { ...usualCompute, cores: 4, memory: 8192 },
  { ...usualCompute, cores: 8, memory: 16_384 },
];
export const same = (a: Compute) => (b: Compute | null) => b !== null && limits(a) === limits(b);
export const fits = (most: Most) => (compute: Compute) =>
  compute.cores <= most.cores && compute.memory <= most.memory && compute.gpus <= most.gpus;

/** The usual ones that fit, and else all that can be had. */
export function sizesFor(most: Most): Compute[] {
  const fitting = sizes.filter(fits(most));
  if (fitting.length === sizes.length) return [...sizes];
  const whole = { ...usualCompute, cores: Math.min(most.cores, sizes.at(-1)!.cores), memory: Math.min(most.memory, sizes.at(-1)!.memory) };
  return fitting.some(same(whole)) ? fitting : [...fitting, whole];
}

/** @throws TypeError that says what is expected */
export function parseCompute(text: string, most: Most): Compute {
  const limit = { cores: [0.1, most.cores], memory: [0.125, most.memory / 1024], gpus: [0, most.gpus], minutes: [0, 43_200] } as const;
  const said = { cores: 1, memory: 2, gpus: 0, minutes: 0 };
  for (const [name, value] of Object.entries(parseParameters(text))) {
    const range = limit[name as keyof typeof limit];
    if (!range) throw new TypeError(`There is no "${name}". Say cores, memory, gpus or minutes.`);
    const [least, greatest] = range;
    if (typeof value !== 'number' || value < least || value > greatest)
      throw new TypeError(
        `${name} must be a number from ${least} to ${greatest}${name === 'minutes' ? '' : ', which is what can be had here'}.`,
      );
    said[name as keyof typeof said] = value;
  }
  if (!Number.isInteger(said.gpus)) throw new TypeError('gpus must be a whole number.');
  const seconds = Math.round(said.minutes * 60);
  return { cores: said.cores, memory: Math.round(said.memory * 1024), gpus: said.gpus, timeout: seconds || null };
}
