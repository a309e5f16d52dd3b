/** Only what lies in the project's folder, without any link on the way, is looked at as a repository. */
import { Problem } from '@bine/shared/problems';
import { openExactly } from '../disk/resolve.ts';
import type { Where } from '../../ports/git/repository.ts';

/** @throws Problem `not-found` */
export async function refuseElsewhere({ files, path }: Where): Promise<void> {
  const names = path === '' ? [] : path.split('/');
  await using folder = await openExactly(files, [...names, '.git']);
  if (folder) return;
  const shown = path === '' ? "The project's folder" : JSON.stringify(path);
  await using around = await openExactly(files, names);
  if (!around) throw new Problem('not-found', `${shown} is no folder of the project, or behind a link.`);
  throw new Problem(
    'not-found',
    `${shown} is no Git repository. One has a folder .git of its own; links and files that lead to one elsewhere (as of worktrees and submodules) are not followed.`,
  );
}
