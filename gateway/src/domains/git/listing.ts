/** Which repositories a project has. The truth is the disk; what was found is remembered for a moment, since an editor asks several times. */
import type { Repository as Found } from '@bine/shared';
import { remembered } from '../../lib/remembered.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import type { GitParts, Repository } from './parts.ts';
import type { Open } from './repositories.ts';

/** Milliseconds. */
const rememberedFor = 2000;
const deadline = 60_000;

export function createListing({ git, projects }: GitParts, open: Open) {
  const known = new Map<string, () => Promise<Found[]>>();

  async function search(project: ProjectFolder): Promise<Found[]> {
    const signal = AbortSignal.timeout(deadline);
    const listed: Found[] = [];
    for (const path of await git.find(project, signal)) {
      try {
        listed.push(await describe(await open(project, { ...project, path }, signal)));
      } catch (error) {
        // Half a repository, or one that is gone again: opening it says what is wrong.
        if (signal.aborted || isUnavailable(error)) throw error;
      }
    }
    return listed;
  }

  async function describe({ path, opened, run }: Repository): Promise<Found> {
    const { currentBranch, remotesIn, upstreamIn } = git.commands;
    const branch = await run(currentBranch);
    const remotes = remotesIn(opened.settings);
    const upstream = branch === null ? null : upstreamIn(opened.settings, branch);
    const remote = remotes.find(({ name }) => name === (upstream?.remote ?? 'origin')) ?? remotes[0];
    return { path, branch, remote: remote?.url ?? null };
  }

  return {
    async list(name: string): Promise<Found[]> {
      const project = await projects.folder(name);
      let ask = known.get(project.id);
      if (!ask) known.set(project.id, (ask = remembered(rememberedFor, () => search(project))));
      return ask();
    },
    forget: (projectId: string) => void known.delete(projectId),
  };
}

const isUnavailable = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === 'git-unavailable';
