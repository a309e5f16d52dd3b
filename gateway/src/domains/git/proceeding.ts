/** Going on with a merge, rebase and the like, wherever it was begun. */
import type { GitStatus } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { identityOf } from './credentials.ts';
import { headOf, statusOf } from './looking.ts';
import type { LookingParts } from './looking.ts';
import { driverNotice, filterNotice, oursUnderway } from './notices.ts';
import type { At, Caller, Repository } from './parts.ts';

type Proceed = { how: 'continue' | 'skip'; at: At; caller: Caller; check?: (repository: Repository) => Promise<void> };

/** @returns how it is afterwards: over, or at the next conflict */
export async function proceed(parts: LookingParts, { how, at, caller, check }: Proceed): Promise<GitStatus> {
  const identity = await identityOf(parts.rows, caller.user);
  return parts.repositories.change(at, caller, async (repository) => {
    const { underway, conflicts } = await statusOf(parts, repository);
    if (underway === null) throw new Problem('conflict', 'Nothing is under way that could go on.');
    const operation = parts.git.commands.proceed(how, underway);
    if (!operation) throw new Problem('conflict', noWay[how]);
    const [first] = conflicts;
    if (how === 'continue' && first) {
      const others = conflicts.length > 1 ? ` and ${conflicts.length - 1} more` : '';
      throw new Problem('conflict', `${JSON.stringify(first.path)}${others} is still in conflict. Solve and stage it first.`);
    }
    await check?.(repository);
    const ours = await oursUnderway(parts, repository, underway);
    const before = await headOf(parts, repository);
    await repository.runAs(identity, operation);
    const status = await statusOf(parts, repository);
    const brought = await broughtSince(parts, repository, { before, status });
    // It stopped at another step, which what was noted before says nothing of.
    const again = status.underway === underway ? await oursUnderway(parts, repository, underway) : [];
    const notices = [
      await driverNotice(parts, repository, [[...new Set([...ours, ...again])], brought]),
      await filterNotice(parts, repository, brought),
    ];
    return { ...status, notice: notices.filter(Boolean).join(' ') || null };
  });
}

type Since = { before: string | null; status: GitStatus };

/** What was committed, and what it stopped at. */
async function broughtSince(parts: LookingParts, repository: Repository, { before, status }: Since): Promise<string[]> {
  const committed = before === null ? [] : await repository.run(parts.git.commands.changedSince(before, 'HEAD'));
  return [...new Set([...committed, ...[...status.conflicts, ...status.staged].map(({ path }) => path)])];
}

const noWay = {
  continue:
    'A bisection goes on when it is told whether this commit is good or bad: run "git bisect good" or "git bisect bad" in a terminal.',
  skip: 'A merge is one commit, and cannot be skipped. Abort it instead.',
};
