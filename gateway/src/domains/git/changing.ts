/** What changes a repository without a network: each answers with how it is afterwards. */
import type { GitCommit, GitFile, GitStatus } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { WorkTree } from '../../ports/git/commands.ts';
import { parsePath } from '../files/path.ts';
import { identityOf } from './credentials.ts';
import { headOf, statusOf } from './looking.ts';
import type { LookingParts } from './looking.ts';
import type { At, Caller, Repository } from './parts.ts';
import { filterNotice } from './notices.ts';
import { proceed } from './proceeding.ts';
import { refuseMarkers, stage } from './safeguards.ts';

type InFiles = At & { paths: string[] };
type Commit = At & { message: string; amend: boolean; all: boolean; allowConflictMarkers?: boolean };
type Continue = At & { allowConflictMarkers?: boolean };

export type Change = (at: At, caller: Caller, work: (repository: Repository) => Promise<void>) => Promise<GitStatus>;

/** Changes it, then looks at it. */
export function createChange(parts: LookingParts): Change {
  return (at, caller, work) =>
    parts.repositories.change(at, caller, async (repository) => {
      await work(repository);
      return statusOf(parts, repository);
    });
}

type Brought = { paths: readonly string[]; notice?: string | null };
type ContentChange = (at: At, caller: Caller, work: (repository: Repository) => Promise<Brought | void>) => Promise<GitStatus>;

/** The same where it brings content into files; the work may say into which, and what else is to be told. */
export function createContentChange(parts: LookingParts): ContentChange {
  return (at, caller, work) =>
    parts.repositories.change(at, caller, async (repository) => {
      const brought = await work(repository);
      const notices = [brought?.notice, await filterNotice(parts, repository, brought?.paths)].filter(Boolean);
      return { ...(await statusOf(parts, repository)), notice: notices.join(' ') || null };
    });
}

export function fileActions(parts: LookingParts) {
  const { git, repositories, rows } = parts;
  const { commands } = git;
  const change = createChange(parts);
  const changeContent = createContentChange(parts);

  return {
    stage: async ({ paths, ...at }: InFiles, caller: Caller): Promise<GitStatus> => {
      const names = checked(paths);
      return change(at, caller, (repository) => stage(parts, repository, names));
    },

    unstage: async ({ paths, ...at }: InFiles, caller: Caller): Promise<GitStatus> => {
      const names = checked(paths);
      return change(at, caller, async (repository) => repository.run(commands.unstage(names, (await headOf(parts, repository)) === null)));
    },

    discard: async ({ paths, ...at }: InFiles, caller: Caller): Promise<GitStatus> => {
      const names = checked(paths);
      return changeContent(at, caller, async (repository) => ({ paths: await discard(parts, { repository, paths: names, caller }) }));
    },

    async commit({ message, amend, all, allowConflictMarkers, ...at }: Commit, caller: Caller): Promise<GitCommit> {
      const identity = await identityOf(rows, caller.user);
      if (message.trim() === '' && !amend) throw noMessage();
      return repositories.change(at, caller, async (repository) => {
        if (all) await stage(parts, repository, ['']);
        if (!allowConflictMarkers) await refuseMarkers(parts, repository);
        if (amend && (await headOf(parts, repository)) === null)
          throw new Problem('conflict', 'There is no commit yet that could be amended.');
        await repository.runAs(identity, commands.commit({ message, amend }));
        const [made] = await repository.run(commands.log({ ref: 'HEAD', path: '', limit: 1, skip: 0 }));
        return made!;
      });
    },

    continue: async ({ allowConflictMarkers, ...at }: Continue, caller: Caller): Promise<GitStatus> => {
      const check = allowConflictMarkers ? undefined : (repository: Repository) => refuseMarkers(parts, repository);
      return proceed(parts, { how: 'continue', at, caller, ...(check && { check }) });
    },

    skip: (at: At, caller: Caller): Promise<GitStatus> => proceed(parts, { how: 'skip', at, caller }),

    abort: (at: At, caller: Caller): Promise<GitStatus> =>
      change(at, caller, async (repository) => {
        const { underway } = await statusOf(parts, repository);
        if (underway === null) throw new Problem('conflict', 'Nothing is under way that could be aborted.');
        await repository.run(commands.abort(underway));
      }),

    unlock: (at: At, caller: Caller): Promise<GitStatus> =>
      change(at, caller, ({ opened }) => git.unlock(opened.where, null, caller.signal)),
  };
}

function checked(paths: string[]): string[] {
  for (const path of paths) parsePath(path, 'paths');
  return paths;
}

const noMessage = (): Problem =>
  new Problem('invalid', 'A commit needs a message.', { fields: [{ field: 'message', problem: 'must not be empty' }] });

type Discard = { repository: Repository; paths: string[]; caller: Caller };

/** What files were goes to the bin first; what they were when they were last staged takes its place. @returns those */
async function discard(parts: LookingParts, { repository, paths, caller }: Discard): Promise<string[]> {
  const { git, files } = parts;
  const { project, path: root } = repository;
  const tree = await repository.run(git.commands.status);
  const { changed, fresh } = toDiscard(tree, paths);
  const inProject = (path: string) => (root === '' ? path : `${root}/${path}`);
  for (const { path, status } of [...changed, ...fresh]) {
    if (status === 'deleted') continue;
    await files.delete({ project: project.name, path: inProject(path), forever: false }, caller.signal);
  }
  const restored = changed.map(({ path }) => path);
  if (restored.length > 0) await repository.run(git.commands.restore(restored));
  return restored;
}

function toDiscard(tree: WorkTree, paths: string[]): { changed: GitFile[]; fresh: GitFile[] } {
  const isWanted = ({ path }: GitFile) => paths.some((one) => one === '' || one === path || path.startsWith(`${one}/`));
  const conflict = tree.conflicts.find(isWanted);
  if (conflict)
    throw new Problem('conflict', `${JSON.stringify(conflict.path)} is in conflict. Solve and stage it, or abort what is under way.`);
  // A repository in a repository is somebody's work, too: it goes only when it is named itself.
  const fresh = tree.untracked.filter((file) => isWanted(file) && (!tree.nested.includes(file.path) || paths.includes(file.path)));
  const changed = tree.changes.filter(isWanted);
  const missing = paths.find(
    (path) => path !== '' && ![...changed, ...fresh].some((file) => file.path === path || file.path.startsWith(`${path}/`)),
  );
  if (missing !== undefined) throw new Problem('not-found', `${JSON.stringify(missing)} has no changes that are not staged.`);
  return { changed, fresh };
}
