/** What is refused because the next commit would silently have something else than is meant. */
import { extname } from 'node:path/posix';
import { Problem } from '@bine/shared/problems';
import { statusOf } from './looking.ts';
import type { LookingParts } from './looking.ts';
import type { Repository } from './parts.ts';

/** @param paths folders stand for all that is in them; '' for everything */
export async function stage(parts: LookingParts, repository: Repository, paths: readonly string[]): Promise<void> {
  await refuseFiltered(parts, repository, paths);
  await repository.run(parts.git.commands.stage(paths));
}

/** A filter is a program of the repository's, which is not run here: staged without it, a large file would be committed as it is. */
async function refuseFiltered({ git }: LookingParts, { run }: Repository, paths: readonly string[]): Promise<void> {
  const { changes, untracked, conflicts } = await run(git.commands.status);
  const isMeant = (path: string) => paths.some((one) => one === '' || one === path || path.startsWith(`${one}/`));
  const meant = [...changes, ...untracked, ...conflicts].filter(({ path, status }) => status !== 'deleted' && isMeant(path));
  if (meant.length === 0) return;
  const [first, ...more] = await run(git.commands.filtersOf(meant.map(({ path }) => path)));
  if (!first) return;
  const others = more.length > 0 ? ` and ${more.length} more` : '';
  const how = first.filter === 'lfs' ? 'with git-lfs installed' : `where the filter "${first.filter}" is installed`;
  throw new Problem(
    'conflict',
    `${JSON.stringify(first.path)}${others}: .gitattributes wants the filter "${first.filter}", which does not run here, and without it the raw ` +
      `content would be committed. Stage it in a terminal ${how}, stage the other files alone, or change .gitattributes.`,
  );
}

/** Texts about Git show such marks, too; in the middle of a merge no file is taken for one. */
const documentation = new Set(['.md', '.markdown', '.rst', '.txt', '.adoc', '.tex', '.html', '.patch', '.diff']);

export async function refuseMarkers(parts: LookingParts, repository: Repository): Promise<void> {
  const found = await repository.run(parts.git.commands.stagedMarkers);
  if (found.length === 0) return;
  const { underway } = await statusOf(parts, repository);
  const left = found.filter(({ path }) => underway !== null || !documentation.has(extname(path).toLowerCase()));
  const [first] = left;
  if (!first) return;
  const others = left.length > 1 ? ` and ${left.length - 1} more` : '';
  throw new Problem(
    'conflict-markers',
    `${JSON.stringify(first.path)} (line ${first.line})${others} still has the marks of a conflict: <<<<<<<, ======= and >>>>>>>. ` +
      'Solve it and stage it, or commit it as it is with allowConflictMarkers (--allow-conflict-markers).',
  );
}
