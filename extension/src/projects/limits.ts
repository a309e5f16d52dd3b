/** Limits of a project as they are shown and typed. */
import { LimitChanges, limitNames } from '@bine/shared';
import type { LimitName, Limits, ProjectLimits } from '@bine/shared';

export type LimitKey = LimitName | 'weight';

export const limitWords: Record<LimitKey, string> = {
  cores: 'Cores',
  memory: 'Memory',
  gpus: 'GPUs',
  running: 'Running executions',
  queued: 'Queued executions',
  kernels: 'Kernels',
  disk: 'Disk space',
  weight: 'Share of the queue',
};

export const limitKeys: readonly LimitKey[] = [...limitNames, 'weight'];

const inMebibytes = (key: LimitKey): boolean => key === 'memory' || key === 'disk';

function figure(key: LimitKey, value: number): string {
  if (!inMebibytes(key)) return String(Number(value.toFixed(1)));
  return value < 1024 ? `${value} MiB` : `${Number((value / 1024).toFixed(1))} GiB`;
}

/** `2 of 4`, `no limit, 3 used`, `500 MiB, use not measured yet` */
export function describeLimit({ limits, use }: Pick<ProjectLimits, 'limits' | 'use'>, key: LimitKey): string {
  if (key === 'weight') return `weight ${limits.weight}`;
  const limit = limits[key] === null ? null : figure(key, limits[key]);
  const used = use[key];
  if (used === null) return `${limit ?? 'no limit'}, use not measured yet`;
  return limit === null ? `no limit, ${figure(key, used)} used` : `${figure(key, used)} of ${limit}`;
}

/** Rows of the project's tooltip: what has a limit, or is used. */
export function limitFacts(described: Pick<ProjectLimits, 'limits' | 'use'>): [name: string, value: string][] {
  const shown = limitKeys.filter((key) => {
    if (key === 'weight') return described.limits.weight !== 1;
    return described.limits[key] !== null || (described.use[key] ?? 0) > 0;
  });
  return shown.map((key) => [limitWords[key], describeLimit(described, key)]);
}

/** What is typed: a number, `none` or `default`. Undefined: it cannot be used. */
export function readLimit(key: LimitKey, text: string): LimitChanges | undefined {
  const typed = text.trim();
  const value = typed === 'none' || typed === 'default' ? typed : typed === '' ? undefined : Number(typed);
  if (value === undefined) return undefined;
  return LimitChanges.safeParse({ [key]: value }).data;
}

export function limitPrompt(key: LimitKey): string {
  if (key === 'weight') return 'A number from 0.01 to 100, where 2 gets twice the share of 1; or default';
  const unit = inMebibytes(key) ? 'A number of MiB' : key === 'cores' ? 'A number' : 'A whole number';
  return `${unit}; none for no limit; or default for what the gateway gives every project`;
}

export function typedLimit(limits: Limits, key: LimitKey): string {
  return limits[key] === null ? 'none' : String(limits[key]);
}
