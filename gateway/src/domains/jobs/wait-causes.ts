/** Why an execution waits, in a sentence for everybody who may see it. */
import { round, say } from '../capacity/amounts.ts';
import type { Amount } from '../capacity/amounts.ts';
import type { Limits } from '@bine/shared';
import type { Blocked } from './next-start.ts';

export type Reason = {
  project: string;
  wanted: Amount;
  blocked: Blocked;
  /** What the project uses, its kernels counted, and may use. */
  used: Amount & { running: number };
  limits: Limits;
  free: Amount;
  all: Amount;
  kernels: Amount;
};

/** `project a uses 2 of its 2 cores` */
export function describeBlock({ project, wanted, blocked, used, limits, free, all, kernels }: Reason): string {
  const { by, fields, held } = blocked;
  if (held) return `${by === 'project' ? `what project ${project} may use` : 'what is free'} is held for one that has waited longer`;
  if (by === 'project') {
    const reached = fields.map((field) => {
      const needed = field === 'running' || wanted[field] <= 1 ? '' : `, and it needs ${round(wanted[field])}`;
      return `${round(used[field])} of its ${say(limits[field]!, field)}${needed}`;
    });
    return `project ${project} uses ${reached.join(' and ')}`;
  }
  const lacks = fields.flatMap((field) => {
    if (field === 'running') return [];
    const taken = kernels[field] > 0 ? `, kernels have ${round(kernels[field])}` : '';
    return [`${say(wanted[field], field)} (${round(free[field])} of ${round(all[field])} free${taken})`];
  });
  return `it needs ${lacks.join(' and ')}`;
}

/** `Queued: 3rd of ann's 12 jobs; project a uses 2 of its 2 cores.` @param place from 1 */
export function describeWait({ user, place, length, why }: { user: string; place: number; length: number; why: string | null }): string {
  const line = length === 1 ? '' : place === 1 ? `next of ${user}'s ${length} jobs` : `${ordinal(place)} of ${user}'s ${length} jobs`;
  const parts = [line, why].filter(Boolean);
  return parts.length === 0 ? 'Queued.' : `Queued: ${parts.join('; ')}.`;
}

function ordinal(place: number): string {
  const ending = { one: 'st', two: 'nd', few: 'rd', other: 'th', zero: 'th', many: 'th' }[ordinals.select(place)];
  return `${place}${ending}`;
}

const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });
