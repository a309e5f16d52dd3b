/** The verbs of `bine git` that look: status, log, diff, branches, remotes, repositories. */
import { contract } from '@bine/shared';
import type { GitBranch, GitCommit, GitRemote } from '@bine/shared';
import { procedureVerb } from '../procedure-verb.ts';
import { formatAge, type Terminal } from '../terminal.ts';
import { defineVerb, type Option, type Verb } from '../verb.ts';
import { folder, located } from './located.ts';
import { showPatch, showStatus } from './show.ts';

const { git } = contract;

export const inRepository: readonly Option[] = [
  { flags: '-p, --project <project>', summary: 'Project', required: true },
  { flags: '--repository <folder>', summary: "The repository's folder in the project; not needed where there is only one" },
];
export const repository = { repository: inRepository[1]! };

const shortHash = (hash: string) => hash.slice(0, 8);

function showLog(all: readonly GitCommit[], { printTable }: Terminal): void {
  const row = ({ hash, author, time, subject, refs }: GitCommit) => [
    shortHash(hash),
    formatAge(time),
    author.name,
    subject + (refs.length > 0 ? `  (${refs.join(', ')})` : ''),
  ];
  printTable(['commit', 'when', 'author', 'subject'], all.map(row), 'There are no commits.');
}

/** `2 ahead, 1 behind` */
function distance({ ahead, behind }: Pick<GitBranch, 'ahead' | 'behind'>): string {
  return [ahead ? `${ahead} ahead` : '', behind ? `${behind} behind` : ''].filter(Boolean).join(', ');
}

function showBranches(all: readonly GitBranch[], { printTable }: Terminal): void {
  const row = (one: GitBranch) => [
    `${one.current ? '*' : ' '} ${one.name}`,
    shortHash(one.hash),
    one.upstream ?? '',
    distance(one),
    formatAge(one.time),
    one.subject,
  ];
  printTable(
    ['  branch', 'commit', 'upstream', 'distance', 'when', 'subject'],
    all.map(row),
    'There are no branches before the first commit.',
  );
}

export function showRemotes(all: readonly GitRemote[], { printTable }: Terminal): void {
  printTable(
    ['name', 'url'],
    all.map(({ name, url }) => [name, url]),
    'It has no remotes.',
  );
}

export const lookingVerbs = {
  repositories: procedureVerb({
    procedure: git.repositories,
    call: (api, input) => api.git.repositories(input),
    examples: [['-p churn', 'with the branch of each and where it is pushed to']],
    show: (all, { terminal }) =>
      terminal.printTable(
        ['folder', 'branch', 'remote'],
        all.map(({ path, branch, remote }) => [path === '' ? '.' : path, branch ?? 'no branch', remote ?? '']),
        'There are no repositories.',
      ),
  }),
  status: procedureVerb({
    procedure: git.status,
    call: async (api, input) => api.git.status(await located(api, input)),
    wording: repository,
    examples: [
      ['-p churn', 'of the only repository in it'],
      ['-p churn --repository lib', 'of that in the folder lib'],
    ],
    show: showStatus,
  }),
  diff: defineVerb<{ path?: string; staged?: boolean; project: string; repository?: string }>({
    summary: 'What changed, as a patch',
    examples: [
      ['-p churn', 'what is not staged'],
      ['train.py --staged -p churn', 'of one file, what the next commit gets'],
    ],
    arguments: [{ name: 'path', summary: 'Only of this file or folder', optional: true }],
    options: [...inRepository, { flags: '--staged', summary: 'What is staged, against the last commit' }],
    json: true,
    async run(context, { path, staged, ...input }) {
      const { terminal, json } = context;
      const { api } = await context.client();
      const of = staged ? 'staged' : 'changes';
      const diff = await api.git.diff({ ...(await located(api, input)), of, ...(path !== undefined && { path: folder(path) }) });
      if (json) return terminal.printJson(diff);
      if (diff.patch === '') terminal.say(staged ? 'Nothing is staged.' : 'Nothing changed that is not staged.');
      showPatch(diff.patch, terminal);
      if (diff.more) terminal.say('There is more: it was cut after 1 MB. Say of which file.');
    },
  }),
  log: procedureVerb({
    procedure: git.log,
    call: async (api, input) => api.git.log(await located(api, input)),
    wording: {
      ...repository,
      ref: { summary: 'Branch, tag or commit to begin at (default: what is checked out)' },
      limit: { summary: 'At most so many (default: 50)' },
      skip: { summary: 'Leave out so many of the newest' },
    },
    examples: [
      ['-p churn', 'the last 50'],
      ['-p churn --ref v2 --path train.py --limit 5', 'of a tag, and only what changed a file'],
    ],
    show: (all, { terminal }) => showLog(all, terminal),
  }),
  branches: procedureVerb({
    procedure: git.branches,
    call: async (api, input) => api.git.branches(await located(api, input)),
    wording: repository,
    examples: [['-p churn', 'the current one has a star']],
    show: (all, { terminal }) => showBranches(all, terminal),
  }),
  remotes: procedureVerb({
    procedure: git.remotes,
    call: async (api, input) => api.git.remotes(await located(api, input)),
    wording: repository,
    examples: [['-p churn', 'where it is fetched from and pushed to']],
    show: (all, { terminal }) => showRemotes(all, terminal),
  }),
} satisfies Record<string, Verb>;
