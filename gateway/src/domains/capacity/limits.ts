/** What each project may take: the gateway's defaults, and what an administrator set for the project instead. */
import { Limits, limitNames } from '@bine/shared';
import type { LimitChanges, LimitName } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { LimitOverrides, LimitRows } from '../../ports/state/limits.ts';
import { say } from './amounts.ts';

export type ProjectRef = { id: string; name: string };

export type LimitsStore = ReturnType<typeof createLimits>;

export function createLimits({ rows, defaults }: { rows: Pick<LimitRows, 'all' | 'save' | 'forgetProject'>; defaults: Limits }) {
  let overrides = new Map<string, LimitOverrides>();
  const listeners = new Set<() => void>();
  const of = (projectId: string): Limits => ({ ...defaults, ...overrides.get(projectId) });

  return {
    /** Before anything is asked of it. */
    async load(): Promise<void> {
      overrides = await rows.all();
    },
    of,
    /** Names of the limits that an administrator set. */
    setOf: (projectId: string): string[] => Object.keys(overrides.get(projectId) ?? {}),
    async change(projectId: string, changes: LimitChanges): Promise<void> {
      const next: Record<string, number | null> = { ...overrides.get(projectId) };
      for (const [name, value] of Object.entries(changes)) {
        if (value === undefined) continue;
        if (value === 'default') delete next[name];
        else next[name] = value === 'none' ? null : value;
      }
      const checked = Limits.partial().parse(next) as LimitOverrides;
      await rows.save(projectId, checked);
      overrides.set(projectId, checked);
      for (const listener of listeners) listener();
    },
    async forgetProject({ id }: { id: string }): Promise<void> {
      await rows.forgetProject(id);
      overrides.delete(id);
    },
    onChange(listener: () => void): void {
      listeners.add(listener);
    },
  };
}

/** @throws Problem `invalid` for what the project's limits can never allow */
export function refuseBeyondLimits(project: ProjectRef, limits: Limits, wanted: Partial<Record<LimitName, number>>, who: string): void {
  const fields = limitNames.flatMap((field) => {
    const limit = limits[field];
    const value = wanted[field];
    if (limit === null || value === undefined || value <= limit) return [];
    return [{ field, problem: `${say(value, field)}, but the project "${project.name}" may use ${say(limit, field)}` }];
  });
  if (fields.length === 0) return;
  throw new Problem('invalid', `${who} asks for more than its project allows: ${fields.map(({ problem }) => problem).join('; ')}. ${ask}`, {
    fields,
  });
}

/** @throws Problem `limit-reached` if what is wanted does not fit beside what is used */
export function refuseReached(
  project: ProjectRef,
  limits: Limits,
  { used, wanted }: Record<'used' | 'wanted', Partial<Record<LimitName, number>>>,
): void {
  const reached = limitNames.flatMap((field) => {
    const limit = limits[field];
    const value = wanted[field];
    const before = used[field] ?? 0;
    return limit === null || value === undefined || value === 0 || before + value <= limit + 1e-6
      ? []
      : [`${say(before, field)} of ${limit}`];
  });
  if (reached.length === 0) return;
  throw new Problem(
    'limit-reached',
    `The project "${project.name}" uses ${reached.join(' and ')}. End something of it first, or ${lower(ask)}`,
  );
}

export const ask = 'Ask an administrator, who can change that with "bine project limits".';

const lower = (sentence: string): string => sentence[0]!.toLowerCase() + sentence.slice(1);
