/** What is told because it was done otherwise than the repository asks for: filters and merge drivers are programs of its own, which do not run here. */
import type { GitStatus } from '@bine/shared';
import type { LookingParts } from './looking.ts';
import type { Repository } from './parts.ts';

/**
 * The content of files that a filter would have made, as large files from their pointers.
 * @param which default: all that are tracked
 */
export async function filterNotice(
  { git: { commands } }: Pick<LookingParts, 'git'>,
  { run }: Pick<Repository, 'run'>,
  which?: readonly string[],
): Promise<string | null> {
  const paths = which ?? (await run(commands.trackedFiles));
  const filtered = paths.length === 0 ? [] : await run(commands.filtersOf(paths));
  const [first] = filtered;
  if (!first) return null;
  const others = filtered.length > 1 ? ` and ${filtered.length - 1} more` : '';
  if (first.filter === 'lfs')
    return `${JSON.stringify(first.path)}${others}: only the pointers of Git LFS are here, not the content. Run "git lfs pull" in a terminal where git-lfs is installed.`;
  return `${JSON.stringify(first.path)}${others}: as committed, since the filter "${first.filter}" of .gitattributes does not run here.`;
}

/** What two sides changed, since they parted. */
export type Sides = [ours: readonly string[], theirs: readonly string[]];

export async function sidesOf({ git: { commands } }: Pick<LookingParts, 'git'>, { run }: Repository, [ours, theirs]: [string, string]) {
  return [await run(commands.changedSince(theirs, ours)), await run(commands.changedSince(ours, theirs))] satisfies Sides;
}

/** What was put aside comes to what is staged now. */
export async function sidesOfStash({ git: { commands } }: Pick<LookingParts, 'git'>, { run }: Repository, index: number): Promise<Sides> {
  const [stash, base] = [`stash@{${index}}`, `stash@{${index}}^1`];
  return [await run(commands.stagedSince(base)), await run(commands.changedSince(base, stash))];
}

type Underway = NonNullable<GitStatus['underway']>;

/** Where Git notes what comes to HEAD, or, `onto` something, anew. */
const noted: Partial<Record<Underway, { theirs: string; onto?: string }[]>> = {
  merge: [{ theirs: 'MERGE_HEAD' }],
  'cherry-pick': [{ theirs: 'CHERRY_PICK_HEAD' }],
  revert: [{ theirs: 'REVERT_HEAD' }],
  rebase: ['rebase-merge', 'rebase-apply'].map((folder) => ({ theirs: `${folder}/orig-head`, onto: `${folder}/onto` })),
};

/** What our side had changed when the other came to it in what is under way. Steps of a rebase that are done are not ours, but theirs. */
export async function oursUnderway(
  { git: { commands } }: Pick<LookingParts, 'git'>,
  { run }: Pick<Repository, 'run'>,
  underway: Underway,
): Promise<readonly string[]> {
  for (const { theirs, onto = 'HEAD' } of noted[underway] ?? []) {
    const [other, own] = [await run(commands.resolveCommit(theirs)), await run(commands.resolveCommit(onto))];
    if (other !== null && own !== null) return run(commands.changedSince(other, own));
  }
  return [];
}

/** Files that both sides changed and that want a driver of their own. To be asked before: afterwards both sides are one. */
export async function driverNotice(
  { git: { commands } }: Pick<LookingParts, 'git'>,
  { run }: Pick<Repository, 'run'>,
  [ours, theirs]: Sides,
): Promise<string | null> {
  const changed = new Set(theirs);
  const both = ours.filter((path) => changed.has(path));
  const driven = both.length === 0 ? [] : await run(commands.mergeDriversOf(both));
  const [first] = driven;
  if (!first) return null;
  const others = driven.length > 1 ? ` and ${driven.length - 1} more` : '';
  return `${JSON.stringify(first.path)}${others}: merged as text, since the merge driver "${first.driver}" of .gitattributes does not run here. Look at the result.`;
}
