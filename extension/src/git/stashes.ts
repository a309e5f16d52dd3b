/** Puts changes aside, and brings them back. */
import type { GitStash } from '@bine/shared';
import { askText, confirm, pick } from '../vs/ask.ts';
import { duration } from '../vs/units.ts';
import { watchingConflicts } from './conflicts.ts';
import type { GitDeps } from './git.ts';
import { mending } from './mend.ts';
import type { Repository } from './repository.ts';

export async function stash(deps: GitDeps, repository: Repository, untracked = false): Promise<void> {
  const { connection } = deps;
  const message = await askText({
    title: 'Stash',
    prompt: 'What it is, to find it again. Empty: the last commit says it',
    placeholder: 'Message (optional)',
  });
  await mending({ connection, title: 'Stash', repository }, () =>
    repository.during(async () => repository.put(await connection.client.git.stash({ ...repository.at, message, untracked }))),
  );
}

/** `drop`: it is forgotten when it could be brought back. */
export async function applyStash(deps: GitDeps, repository: Repository, drop: boolean): Promise<void> {
  const title = drop ? 'Pop Stash' : 'Apply Stash';
  const { index } = await askStash(deps, repository, title);
  await bringBack(deps, repository, { title, index, drop });
}

export function popLatestStash(deps: GitDeps, repository: Repository): Promise<void> {
  return bringBack(deps, repository, { title: 'Pop Latest Stash', index: 0, drop: true });
}

type Stashed = { title: string; index: number; drop: boolean };

async function bringBack({ connection }: GitDeps, repository: Repository, { title, index, drop }: Stashed): Promise<void> {
  const apply = () => repository.during(() => connection.client.git.applyStash({ ...repository.at, index, drop }));
  await watchingConflicts(title, repository, () => mending({ connection, title, repository }, apply));
}

export async function dropStash(deps: GitDeps, repository: Repository): Promise<void> {
  const { connection } = deps;
  const { index, message } = await askStash(deps, repository, 'Drop Stash');
  await confirm(`Forget "${message}"?`, 'What was put aside is lost.', 'Drop Stash');
  await mending({ connection, title: 'Drop Stash', repository }, () => connection.client.git.dropStash({ ...repository.at, index }));
}

async function askStash({ connection }: GitDeps, { at }: Repository, title: string): Promise<GitStash> {
  const stashes = await connection.client.git.stashes(at);
  const choices = stashes.map((value) => ({
    label: `$(archive) ${value.message}`,
    description: `${duration(Date.now() - Date.parse(value.time))} ago`,
    value,
  }));
  return pick<GitStash>(choices, { title, placeHolder: choices.length > 0 ? 'Which one?' : 'Nothing is put aside in this repository' });
}
