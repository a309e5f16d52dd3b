/** The procedures of Git. The bytes of files as Git has them travel over a route of their own. */
import type { GitOperation } from '@bine/shared';
import type { GitDomain } from '../../domains/git/git.ts';
import type { Implementer } from './base.ts';
import { withIds } from './resuming.ts';

/** Where the client's own signal is missing, the operation's deadline is all there is. */
const never = new AbortController().signal;

type Call = { context: { principal: { user: string } }; signal?: AbortSignal | undefined };
const callerOf = ({ context, signal = never }: Call) => ({ user: context.principal.user, signal });

export function gitHandlers(os: Implementer, git: GitDomain) {
  return { ...ownHandlers(os, git), ...operationHandlers(os, git), ...lookingHandlers(os, git), ...changingHandlers(os, git) };
}

function ownHandlers({ git: routes }: Implementer, git: GitDomain) {
  return {
    credentials: routes.credentials.handler(({ context }) => git.credentials(context.principal.user)),
    setCredential: routes.setCredential.handler(({ input, context }) => git.setCredential(context.principal.user, input)),
    deleteCredential: routes.deleteCredential.handler(async ({ input, context }) => {
      await git.deleteCredential(context.principal.user, input.host);
      return {};
    }),
    identity: routes.identity.handler(({ context }) => git.identity(context.principal.user)),
    setIdentity: routes.setIdentity.handler(({ input, context }) => git.setIdentity(context.principal.user, input)),
  };
}

const idOfState = ({ state, stage, percent }: GitOperation): string => [state, stage, percent].join('-').replaceAll(/[^\w-]/g, '_');

function operationHandlers({ git: routes }: Implementer, git: GitDomain) {
  return {
    operations: routes.operations.handler(({ input }) => git.operations(input.project)),
    // What comes first is always the operation as it is, so that there is nothing to be missed.
    follow: routes.follow.handler(({ input, lastEventId, signal = never }) =>
      withIds(git.follow(input, signal), { idOf: idOfState, lastEventId }),
    ),
    cancel: routes.cancel.handler(({ input, context }) => git.cancel(input, context.principal.user)),
    clone: routes.clone.handler(({ input, context }) => git.clone(input, context.principal.user)),
    fetch: routes.fetch.handler(({ input, context }) => git.fetch(input, context.principal.user)),
    pull: routes.pull.handler(({ input, context }) => git.pull(input, context.principal.user)),
    push: routes.push.handler(({ input, context }) => git.push(input, context.principal.user)),
  };
}

function lookingHandlers({ git: routes }: Implementer, git: GitDomain) {
  return {
    repositories: routes.repositories.handler(({ input }) => git.repositories(input.project)),
    status: routes.status.handler(({ input, signal = never }) => git.status(input, signal)),
    diff: routes.diff.handler(({ input, signal = never }) => git.diff(input, signal)),
    log: routes.log.handler(({ input, signal = never }) => git.log(input, signal)),
    branches: routes.branches.handler(({ input, signal = never }) => git.branches(input, signal)),
    remotes: routes.remotes.handler(({ input, signal = never }) => git.remotes(input, signal)),
    stashes: routes.stashes.handler(({ input, signal = never }) => git.stashes(input, signal)),
  };
}

function changingHandlers({ git: routes }: Implementer, git: GitDomain) {
  return {
    init: routes.init.handler(({ input, ...call }) => git.init(input, callerOf(call))),
    stage: routes.stage.handler(({ input, ...call }) => git.stage(input, callerOf(call))),
    unstage: routes.unstage.handler(({ input, ...call }) => git.unstage(input, callerOf(call))),
    discard: routes.discard.handler(({ input, ...call }) => git.discard(input, callerOf(call))),
    commit: routes.commit.handler(({ input, ...call }) => git.commit(input, callerOf(call))),
    createBranch: routes.createBranch.handler(({ input, ...call }) => git.createBranch(input, callerOf(call))),
    checkout: routes.checkout.handler(({ input, ...call }) => git.checkout(input, callerOf(call))),
    renameBranch: routes.renameBranch.handler(({ input, ...call }) => git.renameBranch(input, callerOf(call))),
    deleteBranch: routes.deleteBranch.handler(({ input, ...call }) => git.deleteBranch(input, callerOf(call))),
    setRemote: routes.setRemote.handler(({ input, ...call }) => git.setRemote(input, callerOf(call))),
    removeRemote: routes.removeRemote.handler(({ input, ...call }) => git.removeRemote(input, callerOf(call))),
    stash: routes.stash.handler(({ input, ...call }) => git.stash(input, callerOf(call))),
    applyStash: routes.applyStash.handler(({ input, ...call }) => git.applyStash(input, callerOf(call))),
    dropStash: routes.dropStash.handler(({ input, ...call }) => git.dropStash(input, callerOf(call))),
    continue: routes.continue.handler(({ input, ...call }) => git.continue(input, callerOf(call))),
    skip: routes.skip.handler(({ input, ...call }) => git.skip(input, callerOf(call))),
    abort: routes.abort.handler(({ input, ...call }) => git.abort(input, callerOf(call))),
    unlock: routes.unlock.handler(({ input, ...call }) => git.unlock(input, callerOf(call))),
  };
}
