/** The verbs of `bine git` that change what is staged, committed, checked out or put aside. */
import { contract } from '@bine/shared';
import type { GitCommit, GitStatus } from '@bine/shared';
import type { AnyContractProcedure, InferSchemaInput } from '@orpc/contract';
import { Problem } from '@bine/shared/problems';
import type { Api } from '../client.ts';
import { procedureVerb } from '../procedure-verb.ts';
import { defineVerb, type Context, type Verb } from '../verb.ts';
import { folder, located } from './located.ts';
import { inRepository, repository } from './looking.ts';
import { showStatus } from './show.ts';

const { git } = contract;

type InputOf<P extends AnyContractProcedure> = InferSchemaInput<NonNullable<P['~orpc']['inputSchema']>>;
type Files = InputOf<typeof git.stage>;

const ofFiles = { ...repository, paths: { summary: 'Files, and folders with all that is in them; . is the whole repository' } };

/** `.` is all of the repository. */
const files = async (api: Api, input: Files) => ({ ...(await located(api, input)), paths: input.paths.map(folder) });

const listed = (paths: readonly string[]) =>
  paths.includes('.') || paths.includes('') ? 'everything that is not staged' : paths.join(', ');

function showCommit({ hash, subject }: GitCommit, { terminal }: Context): void {
  terminal.print(`${hash.slice(0, 8)} ${subject}`);
}

export const changingVerbs = {
  init: procedureVerb({
    procedure: git.init,
    call: (api, input) => api.git.init({ ...input, repository: folder(input.repository ?? '') }),
    arguments: ['repository'],
    wording: { repository: { summary: 'Folder in the project, made where it is missing; default: all of the project' } },
    examples: [
      ['-p churn', 'what is in the project stays as it is, and is new'],
      ['models -p churn', 'a folder of it'],
    ],
    show: showStatus,
  }),
  stage: procedureVerb({
    procedure: git.stage,
    call: async (api, input) => api.git.stage(await files(api, input)),
    arguments: ['paths'],
    wording: ofFiles,
    examples: [
      ['train.py data -p churn', 'a file, and a folder with all that is in it'],
      ['. -p churn', 'everything'],
    ],
    show: showStatus,
  }),
  unstage: procedureVerb({
    procedure: git.unstage,
    call: async (api, input) => api.git.unstage(await files(api, input)),
    arguments: ['paths'],
    wording: ofFiles,
    examples: [['train.py -p churn', 'the change itself stays']],
    show: showStatus,
  }),
  discard: procedureVerb({
    procedure: git.discard,
    call: async (api, input) => api.git.discard(await files(api, input)),
    arguments: ['paths'],
    wording: ofFiles,
    examples: [['train.py -p churn', 'asks first']],
    confirm: ({ paths, project }) => `Undo the changes to ${listed(paths)} in ${project}?`,
    show: showStatus,
  }),
  commit: defineVerb<{ message?: string; amend?: boolean; all?: boolean; project: string; repository?: string }>({
    summary: 'Commit what is staged',
    examples: [
      ['-m "Train on last month" -p churn', ''],
      ['-a -m "Train on last month" -p churn', 'stages what changed first, new files too'],
      ['--amend -p churn', 'adds what is staged to the last commit, whose message stays'],
    ],
    options: [
      ...inRepository,
      { flags: '-m, --message <text>', summary: 'What the commit does' },
      { flags: '-a, --all', summary: 'Stage what changed first, new files too' },
      { flags: '--amend', summary: 'Instead of the last commit; without --message it keeps its message' },
    ],
    json: true,
    async run(context, { message = '', amend = false, all = false, ...input }) {
      if (message.trim() === '' && !amend) throw new Problem('invalid', 'Say what the commit does with -m TEXT.');
      const { api } = await context.client();
      const commit = await api.git.commit({ ...(await located(api, input)), message, amend, all });
      if (context.json) context.terminal.printJson(commit);
      else showCommit(commit, context);
    },
  }),
  checkout: procedureVerb({
    procedure: git.checkout,
    call: async (api, input) => api.git.checkout(await located(api, input)),
    arguments: ['ref'],
    wording: repository,
    examples: [
      ['main -p churn', 'a branch; one that only the remote has is made here and follows it'],
      ['v2 -p churn', 'a tag or a commit'],
    ],
    show: showStatus,
  }),
  continue: procedureVerb({
    procedure: git.continue,
    call: async (api, input) => api.git.continue(await located(api, input)),
    wording: repository,
    examples: [['-p churn', 'when its conflicts are solved and staged']],
    show: showStatus,
  }),
  skip: procedureVerb({
    procedure: git.skip,
    call: async (api, input) => api.git.skip(await located(api, input)),
    wording: repository,
    examples: [['-p churn', 'asks first']],
    confirm: ({ project }) => `Leave out the commit that is in conflict in ${project}? What was mended of it is lost.`,
    show: showStatus,
  }),
  abort: procedureVerb({
    procedure: git.abort,
    call: async (api, input) => api.git.abort(await located(api, input)),
    wording: repository,
    examples: [['-p churn', 'asks first: what was mended of the conflicts is lost']],
    confirm: ({ project }) => `Go back to before what is under way in ${project}? What was mended of its conflicts is lost.`,
    show: showStatus,
  }),
  unlock: procedureVerb({
    procedure: git.unlock,
    call: async (api, input) => api.git.unlock(await located(api, input)),
    wording: repository,
    examples: [['-p churn', 'when "git status" says that it is locked']],
    show: showStatus,
  }),
} satisfies Record<string, Verb>;

/** Named by what was done, since where one stands may not have changed. */
const done =
  (words: (input: { name: string; to?: string | undefined }) => string) => (_: GitStatus, context: Context, input: { name: string }) =>
    context.terminal.say(words(input));

export const branchVerbs = {
  create: procedureVerb({
    procedure: git.createBranch,
    call: async (api, input) => api.git.createBranch(await located(api, input)),
    arguments: ['name'],
    wording: { ...repository, checkout: { flags: '--no-checkout', summary: 'Stay on the branch that is checked out' } },
    examples: [
      ['boosting -p churn', 'and go there'],
      ['boosting --from v2 --no-checkout -p churn', 'from a tag, and stay here'],
    ],
    show: showStatus,
  }),
  rename: procedureVerb({
    procedure: git.renameBranch,
    call: async (api, input) => api.git.renameBranch(await located(api, input)),
    arguments: ['name', 'to'],
    wording: repository,
    examples: [['boosting trees -p churn', 'on the server it keeps its name']],
    show: done(({ name, to }) => `${name} is ${to} now.`),
  }),
  delete: procedureVerb({
    procedure: git.deleteBranch,
    call: async (api, input) => api.git.deleteBranch(await located(api, input)),
    arguments: ['name'],
    wording: repository,
    examples: [
      ['boosting -p churn', 'refused while only it has its commits'],
      ['boosting --force -p churn', 'all the same; asks first'],
    ],
    confirm: ({ name, force }) => (force ? `Delete ${name} even if commits are lost?` : null),
    show: done(({ name }) => `Deleted ${name}.`),
  }),
} satisfies Record<string, Verb>;
