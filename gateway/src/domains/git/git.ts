/** Git: repositories in projects' folders, and the servers that they come from. */
import type { GitOperation } from '@bine/shared';
import { branchActions, remoteActions, stashActions } from './branching.ts';
import { fileActions } from './changing.ts';
import { contentAction } from './content.ts';
import { credentialActions } from './credentials.ts';
import { initAction } from './init.ts';
import { lookingActions } from './looking.ts';
import { createOperations } from './operations.ts';
import type { GitParts } from './parts.ts';
import { createRepositories } from './repositories.ts';
import { createStateOf } from './state-of.ts';
import { tidyUp } from './tidy-up.ts';
import { transferActions } from './transfers.ts';

export type GitDomain = ReturnType<typeof createGitDomain>;

export function createGitDomain(options: GitParts) {
  const { projects } = options;
  const repositories = createRepositories(options);
  const operations = createOperations(options);
  const parts = { ...options, repositories, operations };
  return {
    ...credentialActions(parts),
    ...transferActions(parts),
    ...lookingActions(parts),
    ...fileActions(parts),
    ...branchActions(parts),
    ...remoteActions(parts),
    ...stashActions(parts),
    init: initAction(parts),
    content: contentAction(parts),
    stateOf: createStateOf(parts),

    async operations(project: string): Promise<GitOperation[]> {
      await projects.folder(project);
      return operations.list(project);
    },
    follow: (at: { project: string; operation: string }, signal: AbortSignal) => operations.follow(at.project, at.operation, signal),
    cancel: (at: { project: string; operation: string }, user: string) => operations.cancel(at.project, at.operation, user),

    /** The project goes into the bin. */
    endProject: ({ id }: { id: string }) => operations.endAll('The project was deleted.', id),

    /** Clears up after a gateway that died while Git was at work. */
    reconcile: () => tidyUp(parts),

    [Symbol.asyncDispose]: () => operations.endAll('The gateway was stopped; the repository is as it was. Try again.'),
  };
}
