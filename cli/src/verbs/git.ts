/** `bine git …` */
import { Problem } from '@bine/shared/problems';
import type { ProblemCode } from '@bine/shared/problems';
import { branchVerbs, changingVerbs } from '../git/changing-verbs.ts';
import { remoteVerbs, stashVerbs } from '../git/keeping-verbs.ts';
import { lookingVerbs } from '../git/looking.ts';
import { operationVerbs } from '../git/operation-verbs.ts';
import { identityVerbs, tokenVerbs } from '../git/own-verbs.ts';
import { isGroup, type Group, type Verb } from '../verb.ts';

/** What to call when the gateway refuses for a reason that one of these verbs mends. */
const mending: Partial<Record<ProblemCode, string>> = {
  'git-locked': 'git unlock -p PROJECT',
  'push-rejected': 'git pull -p PROJECT',
};

/** The gateway knows no command line, so the words to type are added here. */
function hinting(verb: Verb): Verb {
  return {
    ...verb,
    async run(context, input) {
      try {
        return await verb.run(context, input);
      } catch (error) {
        const words = error instanceof Problem && mending[error.code];
        if (!words || context.json) throw error;
        const { project } = input as { project?: string };
        const pasted = project === undefined ? words : words.replace('PROJECT', project);
        throw new Problem(error.code, `${error.message} Try "${context.command} ${pasted}".`, { cause: error });
      }
    },
  };
}

function withHints<T extends Verb | Group>(entry: T): T {
  if (!isGroup(entry)) return hinting(entry) as T;
  return { ...entry, verbs: Object.fromEntries(Object.entries(entry.verbs).map(([name, below]) => [name, withHints(below)])) };
}

const { status, diff, log, repositories, branches, remotes } = lookingVerbs;
const { init, stage, unstage, discard, commit, checkout, continue: proceed, skip, abort, unlock } = changingVerbs;
const { clone, fetch, pull, push, operations, cancel } = operationVerbs;

export const git: Group = withHints({
  verbs: {
    clone,
    init,
    status,
    stage,
    unstage,
    discard,
    commit,
    push,
    pull,
    fetch,
    branches,
    branch: { summary: 'Create, rename or delete a branch', verbs: branchVerbs },
    checkout,
    log,
    diff,
    stash: { summary: 'Put changes aside and bring them back', verbs: stashVerbs },
    remotes,
    remote: { summary: 'Add, change or remove a remote', verbs: remoteVerbs },
    continue: proceed,
    skip,
    abort,
    unlock,
    repositories,
    operations,
    cancel,
    token: { summary: 'Your tokens for Git servers, in all projects', verbs: tokenVerbs },
    identity: { summary: 'Who you commit as, in all projects', verbs: identityVerbs },
  },
});
