/** From a project and a path to a repository, to look at it or to change it. */
import type { Where } from '../../ports/git/repository.ts';
import { parsePath } from '../files/path.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import { createListing } from './listing.ts';
import type { At, Caller, GitParts, Repository } from './parts.ts';
import { createQueue } from './queue.ts';

export type Repositories = ReturnType<typeof createRepositories>;

type Located = { project: ProjectFolder; where: Where; key: string };
type Work<T> = (repository: Repository) => Promise<T>;

const unlockDeadline = 60_000;

export function createRepositories(parts: GitParts) {
  const { git, projects, events, onError } = parts;
  const queue = createQueue();
  const open = createOpen(parts);
  const listing = createListing(parts, open);

  async function locate({ project: name, repository }: At): Promise<Located> {
    const path = parsePath(repository, 'repository').join('/');
    const project = await projects.folder(name);
    return { project, where: { ...project, path }, key: `${project.id}/${path}` };
  }

  function changed(project: ProjectFolder, path: string): void {
    listing.forget(project.id);
    events.publish({ type: 'git.changed', project: project.name, data: { repository: path } }, project.id);
  }

  async function inTurn<T>({ project, where }: Located, signal: AbortSignal, work: Work<T>): Promise<T> {
    const repository = await open(project, where, signal);
    const since = Date.now();
    await using _mark = await git.marks.set({ projectId: project.id, path: where.path, since });
    try {
      return await work(repository);
    } catch (error) {
      // Whatever a Git that was killed had locked, it locked in this turn.
      if (signal.aborted || isTimeout(error)) await git.unlock(where, since, AbortSignal.timeout(unlockDeadline)).catch(onError);
      throw error;
    } finally {
      changed(project, where.path);
    }
  }

  return {
    locate,
    changed,
    list: listing.list,
    enter: queue.enter,
    busy: queue.busy,

    /** Looks without waiting for what changes it. */
    async look<T>(at: At, signal: AbortSignal, work: Work<T>): Promise<T> {
      const { project, where } = await locate(at);
      return work(await open(project, where, signal));
    },

    /** Changes it when its turn comes, and leaves no lock behind, however that ends. */
    async change<T>(at: At, { signal }: Pick<Caller, 'signal'>, work: Work<T>, onTurn?: () => void): Promise<T> {
      const located = await locate(at);
      return queue.enter(located.key, signal, () => {
        onTurn?.();
        return inTurn(located, signal, work);
      });
    },
  };
}

export type Open = (project: ProjectFolder, where: Where, signal: AbortSignal) => Promise<Repository>;

function createOpen({ git }: GitParts): Open {
  return async function open(project, where, signal) {
    const opened = await git.open(where, signal);
    return {
      project,
      path: where.path,
      opened,
      run: (operation) => opened.run(operation, { signal }),
      runAs: (identity, operation) => opened.run(operation, { signal, identity }),
    };
  };
}

const isTimeout = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === 'timeout';
