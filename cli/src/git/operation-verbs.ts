/** The verbs of `bine git` that go over the network. Each is followed to its end, and cancelled by Ctrl+C. */
import { contract } from '@bine/shared';
import type { GitOperation } from '@bine/shared';
import type { Api } from '../client.ts';
import { procedureVerb } from '../procedure-verb.ts';
import { formatAge } from '../terminal.ts';
import { defineVerb, wholeNumber, type Context, type Option, type Verb } from '../verb.ts';
import { followOperation } from './follow.ts';
import { folder, located } from './located.ts';
import { inRepository } from './looking.ts';

const { git } = contract;

type Waiting = { wait: boolean };
type In = Waiting & { project: string; repository?: string };

const noWait: Option = { flags: '--no-wait', summary: 'Do not wait until it is done' };

type Doing = Waiting & { title: string; begin: (api: Api) => Promise<GitOperation> };

async function conclude(context: Context, { title, wait, begin }: Doing): Promise<void> {
  const { terminal, json, signal, step, command } = context;
  const client = await context.client();
  if (!wait) {
    const begun = await begin(client.api);
    if (json) terminal.printJson(begun);
    else
      terminal.say(
        `The ${begun.action} is ${begun.state}. "${command} git operations -p ${begun.project}" tells what becomes of ${begun.id}.`,
      );
    return;
  }
  const work = async (report: (text: string) => void) => followOperation({ client, signal, report }, await begin(client.api));
  const ended = await step(title, work, ({ summary }) => summary ?? '');
  if (json) terminal.printJson(ended);
}

/** A verb of one repository. */
function operationVerb<T>(
  verb: Pick<Verb, 'summary' | 'examples'> & { options: readonly Option[]; confirm?: (input: T) => string | null } & {
    title: string;
    begin: (api: Api, at: { project: string; repository: string }, input: T) => Promise<GitOperation>;
  },
): Verb {
  const { title, begin, options, ...described } = verb;
  return defineVerb<In & T>({
    ...described,
    options: [...inRepository, ...options, noWait],
    json: true,
    async run(context, input) {
      const { project, repository, wait } = input;
      await conclude(context, { title, wait, begin: async (api) => begin(api, await located(api, { project, repository }), input) });
    },
  });
}

export const operationVerbs = {
  clone: defineVerb<Waiting & { url: string; path?: string; project: string; branch?: string; depth?: number }>({
    summary: 'Check a repository out into the project',
    examples: [
      ['https://git.example.org/team/churn.git -p churn', 'into the folder churn'],
      ['https://git.example.org/team/churn.git lib -p churn --branch v2 --depth 1', 'into the folder lib, only the newest commit of v2'],
    ],
    arguments: [
      { name: 'url', summary: 'https://…, without a user or token: see "git token set"' },
      { name: 'path', summary: "Folder that is made for it (default: the repository's name)", optional: true },
    ],
    options: [
      { flags: '-p, --project <project>', summary: 'Project', required: true },
      { flags: '--branch <branch>', summary: "Branch or tag (default: the server's)" },
      { flags: '--depth <N>', summary: 'Only so many of the newest commits', parse: wholeNumber(1, 1_000_000) },
      noWait,
    ],
    json: true,
    async run(context, { url, path, project, branch, depth, wait }) {
      const wanted = {
        project,
        url,
        ...(path !== undefined && { path: folder(path) }),
        ...(branch !== undefined && { branch }),
        ...(depth !== undefined && { depth }),
      };
      await conclude(context, { title: `Cloning ${url}`, wait, begin: (api) => api.git.clone(wanted) });
    },
  }),
  fetch: operationVerb<{ remote?: string }>({
    summary: 'Get what the remote has, without merging it',
    examples: [['-p churn', '"git branches" then tells how far apart they are']],
    options: [{ flags: '--remote <name>', summary: "Default: the upstream's, else origin" }],
    title: 'Fetching',
    begin: (api, at, { remote }) => api.git.fetch({ ...at, ...(remote !== undefined && { remote }) }),
  }),
  pull: operationVerb<{ strategy: 'merge' | 'rebase' | 'fast-forward' }>({
    summary: 'Fetch, and bring it into the current branch',
    examples: [
      ['-p churn', ''],
      ['-p churn --strategy rebase', 'when both sides have new commits, put yours on top; undone if that meets a conflict'],
    ],
    options: [
      {
        flags: '--strategy <strategy>',
        summary: 'When both sides have new commits',
        choices: ['merge', 'rebase', 'fast-forward'],
        default: 'merge',
      },
    ],
    title: 'Pulling',
    begin: (api, at, { strategy }) => api.git.pull({ ...at, strategy }),
  }),
  push: operationVerb<{ remote?: string; force?: boolean; project: string }>({
    summary: "Send the current branch's commits",
    examples: [
      ['-p churn', ''],
      ['-p churn --force', 'replaces what the server has, if it still is what was fetched last; asks first'],
    ],
    options: [
      { flags: '--remote <name>', summary: "Default: the upstream's, else origin" },
      { flags: '--force', summary: 'Replace what the server has, if it still is what was fetched last' },
    ],
    confirm: ({ force, project }) => (force ? `Replace the commits on the server with those in ${project}?` : null),
    title: 'Pushing',
    begin: (api, at, { remote, force = false }) => api.git.push({ ...at, force, ...(remote !== undefined && { remote }) }),
  }),
  operations: procedureVerb({
    procedure: git.operations,
    call: (api, input) => api.git.operations(input),
    examples: [['-p churn', 'clones, fetches, pulls and pushes of everybody']],
    show: (all, { terminal }) =>
      terminal.printTable(
        ['id', 'what', 'folder', 'state', 'by', 'when', 'outcome'],
        all.map(({ id, action, repository, state, user, submitted, summary, problem }) => [
          id,
          action,
          repository === '' ? '.' : repository,
          state,
          user,
          formatAge(submitted),
          problem?.detail ?? summary ?? '',
        ]),
        'There were none since the gateway started.',
      ),
  }),
  cancel: procedureVerb({
    procedure: git.cancel,
    call: (api, input) => api.git.cancel(input),
    arguments: ['operation'],
    examples: [['k3x9 -p churn', 'the id is in "git operations"']],
    show: ({ action, state }, { terminal }) => terminal.say(`The ${action} is ${state}.`),
  }),
} satisfies Record<string, Verb>;
