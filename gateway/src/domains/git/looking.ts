/** What is in a repository. Nothing here changes it, or waits for what does. */
import type { GitBranch, GitCommit, GitRemote, GitStash, GitStatus, Repository as Found } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { Folder } from '../../ports/files.ts';
import { parsePath } from '../files/path.ts';
import type { At, GitParts, Repository } from './parts.ts';
import type { Repositories } from './repositories.ts';

export type LookingParts = GitParts & { repositories: Repositories };

type Log = At & { ref?: string | undefined; path: string; limit: number; skip: number };

export function lookingActions(parts: LookingParts) {
  const { repositories, git } = parts;
  const { commands } = git;
  return {
    repositories: (project: string): Promise<Found[]> => repositories.list(project),

    status: (at: At, signal: AbortSignal): Promise<GitStatus> => repositories.look(at, signal, (repository) => statusOf(parts, repository)),

    diff: async (
      { of, path, ...at }: At & { of: 'changes' | 'staged'; path: string },
      signal: AbortSignal,
    ): Promise<{ patch: string; more: boolean }> => {
      parsePath(path);
      return repositories.look(at, signal, ({ run }) => run(commands.diff({ of, path })));
    },

    log: async ({ ref, path, limit, skip, ...at }: Log, signal: AbortSignal): Promise<GitCommit[]> => {
      parsePath(path);
      return repositories.look(at, signal, async (repository) => {
        const from = ref === undefined ? await headOf(parts, repository) : await commitOf(parts, repository, ref);
        return from === null ? [] : repository.run(commands.log({ ref: from, path, limit, skip }));
      });
    },

    branches: (at: At, signal: AbortSignal): Promise<GitBranch[]> => repositories.look(at, signal, ({ run }) => run(commands.branches)),

    remotes: (at: At, signal: AbortSignal): Promise<GitRemote[]> =>
      repositories.look(at, signal, async ({ opened }) => commands.remotesIn(opened.settings)),

    stashes: (at: At, signal: AbortSignal): Promise<GitStash[]> => repositories.look(at, signal, ({ run }) => run(commands.listStashes)),
  };
}

/** null: there is no commit yet */
export const headOf = ({ git: { commands } }: GitParts, { run }: Repository): Promise<string | null> => run(commands.resolveCommit('HEAD'));

/** @throws Problem `invalid` or `not-found` */
export async function commitOf({ git: { commands } }: GitParts, { run }: Repository, ref: string): Promise<string> {
  refuseRef(ref);
  const hash = await run(commands.resolveCommit(ref));
  if (hash !== null) return hash;
  throw new Problem('not-found', `There is no commit, branch or tag ${JSON.stringify(ref)}.`);
}

/** Nothing that Git would take for an option, a range, a pattern or a file in a commit. */
export function refuseRef(ref: string): void {
  if (!/^-|[\s:?*[\\\p{Cc}]|\.\./u.test(ref)) return;
  throw new Problem('invalid', `${JSON.stringify(ref)} is no name of a commit, branch or tag.`, {
    fields: [{ field: 'ref', problem: 'not a name of a commit, branch or tag' }],
  });
}

/** What is under way, by the names that Git leaves in its folder. */
const marks: [NonNullable<GitStatus['underway']>, string[]][] = [
  ['rebase', ['rebase-merge', 'rebase-apply']],
  ['merge', ['MERGE_HEAD']],
  ['cherry-pick', ['CHERRY_PICK_HEAD']],
  ['revert', ['REVERT_HEAD']],
  ['bisect', ['BISECT_LOG']],
];

export async function statusOf(parts: LookingParts, repository: Repository): Promise<GitStatus> {
  const { disk, repositories, git } = parts;
  const { project, path, run } = repository;
  const { nested: _, ...tree } = await run(git.commands.status);
  const folder = disk.folder(project);
  const inside = [...(path === '' ? [] : path.split('/')), '.git'];
  const entries = await folder.list(inside);
  const has = (name: string) => entries.some((entry) => entry.name === name);
  const underway = await underwayIn(folder, inside, has);
  const lock = entries.find(({ name }) => name === 'index.lock');
  const isOurs = repositories.busy(`${project.id}/${path}`);
  return {
    ...tree,
    underway,
    notice: null,
    message: underway === 'merge' && has('MERGE_MSG') ? await readMessage(folder, [...inside, 'MERGE_MSG']) : null,
    locked: lock && !isOurs ? new Date(lock.modified).toISOString() : null,
  };
}

type Has = (name: string) => boolean;

async function underwayIn(folder: Folder, inside: string[], has: Has): Promise<GitStatus['underway']> {
  // Patches from mails are applied in the folder that an old way of rebasing has, too.
  if (has('rebase-apply') && (await folder.list([...inside, 'rebase-apply'])).some(({ name }) => name === 'applying')) return 'am';
  const mark = marks.find(([, names]) => names.some(has))?.[0] ?? null;
  if (mark !== null && mark !== 'bisect') return mark;
  // Of several commits, the one in conflict was committed by hand, and others are still to come.
  if (has('sequencer'))
    return (await readMessage(folder, [...inside, 'sequencer', 'todo']))?.startsWith('revert') ? 'revert' : 'cherry-pick';
  return mark;
}

const mostOfMessage = 100_000;

/** Without Git's own remarks. */
async function readMessage(folder: Folder, names: string[]): Promise<string | null> {
  await using content = await folder.open(names);
  if (content.entry.size === 0) return null;
  const chunks: Uint8Array[] = [];
  for await (const chunk of content.stream({ start: 0, end: mostOfMessage - 1 })) chunks.push(chunk);
  const lines = Buffer.concat(chunks).toString().split('\n');
  return lines
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .trim();
}
