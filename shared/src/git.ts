/**
 * Git: repositories in projects' folders. Whatever goes over the network is an operation, which goes on when its caller leaves; the rest
 * answers when it is done. Tokens belong to a user and a host, and are never told again.
 */
import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { InProject, Nothing, ProjectName, ProjectPath, Time, procedure, wholeNumber } from './base.ts';
import { sensitive } from './sensitive.ts';
import { gitHost, gitRemoteName, gitUrl, problemOfGitHost, problemOfGitUrl } from './names.ts';
import { gitContentPath } from './paths.ts';
import { problems } from './problems.ts';
import type { ProblemCode } from './problems.ts';

/** Says of a text that fits the pattern what else is wrong with it. */
const without =
  ({ pattern }: { pattern: RegExp }, problemOf: (text: string) => string | null) =>
  ({ value, issues }: z.core.ParsePayload<string>): void => {
    const message = pattern.test(value) ? problemOf(value) : null;
    if (message !== null) issues.push({ code: 'custom', input: value, message });
  };

export const GitHost = z
  .string()
  .max(253)
  .regex(gitHost.pattern, gitHost.hint)
  .check(without(gitHost, problemOfGitHost))
  .describe('Of a Git server, such as github.com');
export const GitUrl = z
  .string()
  .max(2000)
  .regex(gitUrl.pattern, gitUrl.hint)
  .check(without(gitUrl, problemOfGitUrl))
  .describe('https://…, without a user or token');

/** The token is not in it: nobody is told it again. */
export const GitCredential = z.object({ host: GitHost, username: z.string(), added: Time });
export type GitCredential = z.infer<typeof GitCredential>;

/** Who commits. */
export const GitIdentity = z.object({ name: z.string(), email: z.string() });
export type GitIdentity = z.infer<typeof GitIdentity>;

export const Repository = z.object({
  path: ProjectPath.describe('Of its folder in the project'),
  branch: z.string().nullable().describe('null: a commit is checked out, not a branch'),
  remote: z.string().nullable().describe('URL that it is pushed to'),
});
export type Repository = z.infer<typeof Repository>;

export const GitFile = z.object({
  path: ProjectPath.describe('In the repository'),
  status: z.enum([
    'added',
    'modified',
    'deleted',
    'renamed',
    'copied',
    'type-changed',
    'untracked',
    'both-added',
    'both-modified',
    'both-deleted',
    'added-by-us',
    'added-by-them',
    'deleted-by-us',
    'deleted-by-them',
  ]),
  from: ProjectPath.nullable().describe('Where a renamed or copied file was'),
});
export type GitFile = z.infer<typeof GitFile>;

export const GitStatus = z.object({
  branch: z.string().nullable().describe('null: a commit is checked out, not a branch'),
  head: z.string().nullable().describe('Hash of the commit; null before the first one'),
  upstream: z.string().nullable().describe('Such as origin/main'),
  ahead: z.int().nullable().describe('Commits that the upstream lacks, as far as was fetched'),
  behind: z.int().nullable().describe('Commits that the upstream has more'),
  underway: z.enum(['merge', 'rebase', 'cherry-pick', 'revert', 'am', 'bisect']).nullable().describe('What has to be ended first'),
  message: z.string().nullable().describe('Of the merge under way'),
  conflicts: z.array(GitFile),
  staged: z.array(GitFile),
  changes: z.array(GitFile),
  untracked: z.array(GitFile),
  more: z.boolean().describe('There are more files than are listed (10,000)'),
  notice: z.string().nullable().describe('What was done otherwise than the repository asks for, as with files of Git LFS; null: nothing'),
  locked: Time.nullable().describe('Since when a lock stands in the way that no operation of Bine holds'),
});
export type GitStatus = z.infer<typeof GitStatus>;

export const GitCommit = z.object({
  hash: z.string(),
  parents: z.array(z.string()),
  author: GitIdentity,
  time: Time,
  subject: z.string(),
  body: z.string(),
  refs: z.array(z.string()).describe('Branches and tags that stand there'),
});
export type GitCommit = z.infer<typeof GitCommit>;

export const GitBranch = z.object({
  name: z.string().describe('Of a branch of a remote: origin/main'),
  remote: z.boolean(),
  current: z.boolean(),
  hash: z.string(),
  subject: z.string(),
  time: Time,
  upstream: z.string().nullable(),
  ahead: z.int().nullable(),
  behind: z.int().nullable(),
});
export type GitBranch = z.infer<typeof GitBranch>;

export const GitRemote = z.object({ name: z.string(), url: z.string() });
export type GitRemote = z.infer<typeof GitRemote>;

export const GitStash = z.object({ index: z.int(), hash: z.string(), time: Time, message: z.string() });
export type GitStash = z.infer<typeof GitStash>;

/** What goes over the network. The last 100 of a gateway's life are known. */
export const GitOperation = z.object({
  id: z.string(),
  project: ProjectName,
  repository: ProjectPath,
  action: z.enum(['clone', 'fetch', 'pull', 'push']),
  state: z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled']).describe('Operations of one repository wait for each other'),
  stage: z.string().nullable().describe("Git's own word for what it does, such as Receiving objects"),
  percent: z.int().nullable(),
  summary: z.string().nullable().describe('What became of it, in a line'),
  problem: z.object({ code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]), detail: z.string() }).nullable(),
  user: z.string(),
  submitted: Time,
  ended: Time.nullable(),
});
export type GitOperation = z.infer<typeof GitOperation>;

/** GET and HEAD of a file's bytes as Git has it. `ref` is a commit, branch or tag; empty: as it is staged. */
export const gitContent = {
  path: gitContentPath,
  query: z.strictObject({ repository: ProjectPath.default(''), path: ProjectPath.min(1), ref: z.string().max(250).default('HEAD') }),
  read: { scope: 'git:read', role: 'viewer' },
} as const;

/** Looked at once more where it is used: `git check-ref-format` decides. */
const Ref = z.string().min(1).max(250);
const paths = z
  .array(ProjectPath)
  .min(1)
  .max(10_000)
  .describe('In the repository, folders with all that is in them; "" is all of the repository');
const InRepository = z.strictObject({
  project: ProjectName,
  repository: ProjectPath.default('').describe("The repository's folder in the project"),
});
const InFiles = InRepository.extend({ paths });
const remote = z.string().max(100).regex(gitRemoteName.pattern, gitRemoteName.hint);
const operation = z.string().max(64);

const mine = { scope: 'git:read' } as const;
const change = { scope: 'git:write' } as const;
const read = { scope: 'git:read', role: 'viewer' } as const;
const write = { scope: 'git:write', role: 'data-scientist' } as const;
const tags = ['Git'];
const path = '/projects/{project}/git' as const;

/** The caller's own, in all projects. */
const own = {
  credentials: procedure
    .meta(mine)
    .route({ method: 'GET', path: '/git/credentials', summary: 'List the hosts that you have a token for', tags })
    .input(Nothing)
    .output(z.array(GitCredential)),
  setCredential: procedure
    .meta(change)
    .route({ method: 'PUT', path: '/git/credentials/{host}', summary: 'Keep a token for a Git server, encrypted', tags })
    .input(
      z.strictObject({
        host: GitHost,
        username: z.string().trim().max(200).default('').describe('Default: what the server takes with a token alone'),
        token: sensitive(
          z
            .string()
            .trim()
            .min(1)
            .max(2000)
            .refine((token) => !/\s/.test(token), 'must not contain white space'),
        ),
      }),
    )
    .output(GitCredential),
  deleteCredential: procedure
    .meta(change)
    .route({ method: 'DELETE', path: '/git/credentials/{host}', summary: 'Forget the token for a Git server', tags })
    .input(z.strictObject({ host: GitHost }))
    .output(Nothing),
  identity: procedure
    .meta(mine)
    .route({ method: 'GET', path: '/git/identity', summary: 'Who you commit as; null: not said yet', tags })
    .input(Nothing)
    .output(GitIdentity.nullable()),
  setIdentity: procedure
    .meta(change)
    .route({ method: 'PUT', path: '/git/identity', summary: 'Say who you commit as', tags })
    .input(
      z.strictObject({
        name: z
          .string()
          .trim()
          .min(1)
          .max(200)
          .refine((name) => !/[\n<>]/.test(name), 'must not contain < or >'),
        email: z.email().max(200),
      }),
    )
    .output(GitIdentity),
};

const operations = {
  operations: procedure
    .meta(read)
    .route({ method: 'GET', path: `${path}/operations`, summary: 'List operations over the network, newest first', tags })
    .input(InProject)
    .output(z.array(GitOperation)),
  follow: procedure
    .meta(read)
    .route({ method: 'GET', path: `${path}/operations/{operation}`, summary: 'An operation as it is, then live until it ends', tags })
    .input(z.strictObject({ project: ProjectName, operation }))
    .output(eventIterator(GitOperation, Nothing)),
  cancel: procedure
    .meta(write)
    .route({
      method: 'POST',
      path: `${path}/operations/{operation}/cancel`,
      summary: 'Cancel an operation; the repository stays as it was',
      tags,
    })
    .input(z.strictObject({ project: ProjectName, operation }))
    .output(GitOperation),
  clone: procedure
    .meta(write)
    .route({ method: 'POST', path: `${path}/clone`, successStatus: 202, summary: 'Check a repository out into the project', tags })
    .input(
      z.strictObject({
        project: ProjectName,
        url: GitUrl,
        path: ProjectPath.optional().describe("Folder that is made for it. Default: the repository's name"),
        branch: Ref.optional().describe("Default: the server's"),
        depth: z.int().min(1).max(1_000_000).optional().describe('Only so many of the newest commits'),
      }),
    )
    .output(GitOperation),
  fetch: procedure
    .meta(write)
    .route({ method: 'POST', path: `${path}/fetch`, successStatus: 202, summary: 'Get what the remote has, without merging it', tags })
    .input(InRepository.extend({ remote: remote.optional() }))
    .output(GitOperation),
  pull: procedure
    .meta(write)
    .route({ method: 'POST', path: `${path}/pull`, successStatus: 202, summary: 'Fetch, and bring it into the current branch', tags })
    .input(
      InRepository.extend({
        strategy: z
          .enum(['merge', 'rebase', 'fast-forward'])
          .default('merge')
          .describe('When both sides have new commits. A rebase that meets a conflict is undone'),
      }),
    )
    .output(GitOperation),
  push: procedure
    .meta(write)
    .route({ method: 'POST', path: `${path}/push`, successStatus: 202, summary: "Send the current branch's commits", tags })
    .input(
      InRepository.extend({
        remote: remote.optional().describe("Default: the upstream's, else origin"),
        force: z.boolean().default(false).describe('Replace what the server has, if it still is what was fetched last'),
      }),
    )
    .output(GitOperation),
};

const looking = {
  repositories: procedure
    .meta(read)
    .route({ method: 'GET', path, summary: "List the repositories in the project's folders", tags })
    .input(InProject)
    .output(z.array(Repository)),
  status: procedure
    .meta(read)
    .route({ method: 'GET', path: `${path}/status`, summary: 'What is staged, changed, new and in conflict', tags })
    .input(InRepository)
    .output(GitStatus),
  diff: procedure
    .meta(read)
    .route({ method: 'GET', path: `${path}/diff`, summary: 'What changed, as a patch', tags })
    .input(InRepository.extend({ of: z.enum(['changes', 'staged']).default('changes'), path: ProjectPath.default('') }))
    .output(z.object({ patch: z.string(), more: z.boolean().describe('It was cut after 1 MB') })),
  log: procedure
    .meta(read)
    .route({ method: 'GET', path: `${path}/log`, summary: 'List commits, newest first', tags })
    .input(
      InRepository.extend({
        ref: Ref.optional().describe('Default: what is checked out'),
        path: ProjectPath.default('').describe('Only commits that changed it'),
        limit: wholeNumber(1, 1000).default(50),
        skip: wholeNumber(0, 1_000_000).default(0),
      }),
    )
    .output(z.array(GitCommit)),
  branches: procedure
    .meta(read)
    .route({ method: 'GET', path: `${path}/branches`, summary: 'List branches, those of remotes last', tags })
    .input(InRepository)
    .output(z.array(GitBranch)),
  remotes: procedure
    .meta(read)
    .route({ method: 'GET', path: `${path}/remotes`, summary: 'List remotes', tags })
    .input(InRepository)
    .output(z.array(GitRemote)),
  stashes: procedure
    .meta(read)
    .route({ method: 'GET', path: `${path}/stashes`, summary: 'List what was stashed, newest first', tags })
    .input(InRepository)
    .output(z.array(GitStash)),
};

const changing = {
  init: procedure
    .meta(write)
    .route({ method: 'POST', path: `${path}/init`, summary: 'Begin a repository; what is in the folder stays, and is new', tags })
    .input(InRepository)
    .output(GitStatus),
  stage: procedure
    .meta(write)
    .route({ method: 'POST', path: `${path}/stage`, summary: 'Stage files for the next commit', tags })
    .input(InFiles)
    .output(GitStatus),
  unstage: procedure
    .meta(write)
    .route({ method: 'POST', path: `${path}/unstage`, summary: 'Take files out of the next commit', tags })
    .input(InFiles)
    .output(GitStatus),
  discard: procedure
    .meta(write)
    .route({
      method: 'POST',
      path: `${path}/discard`,
      summary: 'Undo changes that are not staged; what they were goes to the bin',
      tags,
    })
    .input(InFiles)
    .output(GitStatus),
  commit: procedure
    .meta(write)
    .route({ method: 'POST', path: `${path}/commit`, successStatus: 201, summary: 'Commit what is staged', tags })
    .input(
      InRepository.extend({
        message: z.string().max(100_000),
        amend: z.boolean().default(false).describe('Instead of the last commit; an empty message keeps its message'),
        all: z.boolean().default(false).describe('Stage what changed first, new files too'),
        allowConflictMarkers: z.boolean().default(false).describe('Commit lines that look like the marks of a conflict, too'),
      }),
    )
    .output(GitCommit),
  createBranch: procedure
    .meta(write)
    .route({ method: 'POST', path: `${path}/branches`, successStatus: 201, summary: 'Create a branch', tags })
    .input(
      InRepository.extend({
        name: Ref,
        from: Ref.optional().describe('Default: what is checked out'),
        checkout: z.boolean().default(true),
      }),
    )
    .output(GitStatus),
  checkout: procedure
    .meta(write)
    .route({
      method: 'POST',
      path: `${path}/checkout`,
      summary: 'Go to a branch, tag or commit; refused where that would lose changes',
      tags,
    })
    .input(InRepository.extend({ ref: Ref.describe('The name of a branch that only a remote has makes one that follows it') }))
    .output(GitStatus),
  renameBranch: procedure
    .meta(write)
    .route({ method: 'PATCH', path: `${path}/branches`, summary: 'Rename a branch', tags })
    .input(InRepository.extend({ name: Ref, to: Ref }))
    .output(GitStatus),
  deleteBranch: procedure
    .meta(write)
    .route({ method: 'DELETE', path: `${path}/branches`, summary: 'Delete a branch; refused while only it has its commits', tags })
    .input(InRepository.extend({ name: Ref, force: z.boolean().default(false).describe('Even if commits are lost') }))
    .output(GitStatus),
  setRemote: procedure
    .meta(write)
    .route({ method: 'PUT', path: `${path}/remotes/{name}`, summary: 'Add a remote, or change its URL', tags })
    .input(InRepository.extend({ name: remote, url: GitUrl }))
    .output(z.array(GitRemote)),
  removeRemote: procedure
    .meta(write)
    .route({ method: 'DELETE', path: `${path}/remotes/{name}`, summary: 'Remove a remote', tags })
    .input(InRepository.extend({ name: remote }))
    .output(z.array(GitRemote)),
  stash: procedure
    .meta(write)
    .route({ method: 'POST', path: `${path}/stashes`, summary: 'Put changes aside', tags })
    .input(
      InRepository.extend({
        message: z.string().trim().max(1000).default(''),
        untracked: z.boolean().default(false).describe('New files, too'),
      }),
    )
    .output(GitStatus),
  applyStash: procedure
    .meta(write)
    .route({ method: 'POST', path: `${path}/stashes/apply`, summary: 'Bring back what was put aside', tags })
    .input(
      InRepository.extend({
        index: z.int().min(0).default(0),
        drop: z.boolean().default(true).describe('Forget it when it was brought back without a conflict'),
      }),
    )
    .output(GitStatus),
  dropStash: procedure
    .meta(write)
    .route({ method: 'POST', path: `${path}/stashes/drop`, summary: 'Forget what was put aside', tags })
    .input(InRepository.extend({ index: z.int().min(0) }))
    .output(z.array(GitStash)),
  continue: procedure
    .meta(write)
    .route({
      method: 'POST',
      path: `${path}/continue`,
      summary: 'Go on with what is under way, once its conflicts are staged; the answer says whether more of them came up',
      tags,
    })
    .input(InRepository.extend({ allowConflictMarkers: z.boolean().default(false) }))
    .output(GitStatus),
  skip: procedure
    .meta(write)
    .route({ method: 'POST', path: `${path}/skip`, summary: 'Leave out the commit that is in conflict, and go on with the next one', tags })
    .input(InRepository)
    .output(GitStatus),
  abort: procedure
    .meta(write)
    .route({ method: 'POST', path: `${path}/abort`, summary: 'Go back to before what is under way', tags })
    .input(InRepository)
    .output(GitStatus),
  unlock: procedure
    .meta(write)
    .route({ method: 'POST', path: `${path}/unlock`, summary: 'Remove the lock that a Git which is gone has left', tags })
    .input(InRepository)
    .output(GitStatus),
};

export const git = { ...own, ...operations, ...looking, ...changing };
