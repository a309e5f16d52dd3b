/** What goes over the network: fetch, pull, push. */
import type { GitOperation } from '@bine/shared';
import { confirm } from '../vs/ask.ts';
import { watchingConflicts } from './conflicts.ts';
import type { GitDeps } from './git.ts';
import { mending } from './mend.ts';
import { followOperation } from './operation.ts';
import type { Repository } from './repository.ts';

type Step = { title: string; doing: string; begin: () => Promise<GitOperation> };

async function step({ connection }: GitDeps, repository: Repository, { title, doing, begin }: Step): Promise<void> {
  await mending({ connection, title, repository }, () => followOperation(connection, `${doing} ${repository.name}`, begin));
}

export function fetch_(deps: GitDeps, repository: Repository): Promise<void> {
  return step(deps, repository, { title: 'Fetch', doing: 'Fetching', begin: () => deps.connection.client.git.fetch(repository.at) });
}

export function pull(deps: GitDeps, repository: Repository, strategy: 'merge' | 'rebase' = 'merge'): Promise<void> {
  const begin = () => deps.connection.client.git.pull({ ...repository.at, strategy });
  return watchingConflicts('Pull', repository, () => step(deps, repository, { title: 'Pull', doing: 'Pulling', begin }));
}

export function push(deps: GitDeps, repository: Repository, force = false): Promise<void> {
  const begin = () => deps.connection.client.git.push({ ...repository.at, force });
  return step(deps, repository, { title: 'Push', doing: repository.status?.upstream ? 'Pushing' : 'Publishing', begin });
}

export async function forcePush(deps: GitDeps, repository: Repository): Promise<void> {
  const branch = repository.status?.upstream ?? repository.status?.branch ?? 'the branch';
  await confirm(
    `Replace ${branch} on the server?`,
    'Commits that are only there are lost. It is refused if somebody pushed since you fetched.',
    'Force Push',
  );
  await push(deps, repository, true);
}

/** Nothing is pushed when the pull did not go well. */
export async function sync(deps: GitDeps, repository: Repository): Promise<void> {
  if (repository.status?.upstream) {
    await pull(deps, repository);
    if (!repository.status.ahead) return;
  }
  await push(deps, repository);
}
