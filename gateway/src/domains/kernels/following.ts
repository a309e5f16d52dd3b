/** Kernels follow their environment: to another name, and to a new revision, whose packages they get while they run. */
import type { EnvironmentUser } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { InPlacePackages } from '../../ports/builders.ts';
import type { KernelRows } from '../../ports/state/kernels.ts';
import type { Compute, WorkloadRef } from '../../ports/compute.ts';
import type { Joining, Revised, Transition } from '../environments/parts.ts';
import type { Events } from '../events/events.ts';
import { loadedModules } from './loaded-modules.ts';
import { createTurns } from '../../lib/turns.ts';
import type { Registry } from './registry.ts';
import type { RunningKernel } from './running-kernel.ts';

export type FollowingParts = {
  registry: Registry;
  rows: KernelRows;
  inPlace: InPlacePackages;
  compute: Pick<Compute, 'status' | 'imageId'>;
  events: Pick<Events, 'publish'>;
  onError: (error: unknown) => void;
};

/** Milliseconds for one kernel: large packages take their time. */
const deadline = 5 * 60_000;

export function followEnvironments(parts: FollowingParts) {
  const { registry, rows, inPlace, compute, events, onError } = parts;
  const closing = new AbortController();
  const inTurn = createTurns();

  const of = (projectId: string, environment: string) =>
    registry.ofProject(projectId).filter((kernel) => kernel.snapshot().environment === environment);

  /** A module stays as it was loaded, whatever becomes of its file. */
  async function tellOfLoaded(kernel: RunningKernel, modules: string[]): Promise<void> {
    const supervisor = kernel.connected();
    if (!supervisor || modules.length === 0) return;
    const loaded = await loadedModules(supervisor, modules, closing.signal);
    if (loaded.length === 0) return;
    const { notebook, environment, projectId } = kernel.snapshot();
    const data = { kernel: kernel.id, notebook, environment, modules: loaded };
    events.publish({ type: 'kernel.modules-changed', project: kernel.project.name, data }, projectId);
  }

  async function take(kernel: RunningKernel, workload: WorkloadRef, { gone, come }: Transition): Promise<void> {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(deadline)]);
    const archive = come ? await come() : null;
    const modules = gone.length > 0 ? await inPlace.remove(workload, gone, signal) : [];
    if (archive) await inPlace.add(workload, archive, signal);
    // Not waited for: it may compute for days.
    tellOfLoaded(kernel, modules).catch(onError);
  }

  return {
    /** Those that are not over. */
    usersOf: async (projectId: string, environment: string): Promise<EnvironmentUser[]> =>
      of(projectId, environment).map((kernel) => {
        const { notebook, revision } = kernel.snapshot();
        return { type: 'kernel', id: kernel.id, title: notebook ?? '', revision };
      }),

    async renameEnvironment(projectId: string, from: string, to: string): Promise<void> {
      for (const kernel of of(projectId, from)) kernel.rename({ environment: to });
      await registry.saved();
      await rows.renameEnvironment(projectId, from, to);
    },

    /** A kernel goes on in a clone of its environment, whose first revision is the image that it was started from. @throws Problem */
    async joinClone({ projectId, environment, clone, kernel: id, image }: Joining): Promise<void> {
      await inTurn(id, async () => {
        const kernel = of(projectId, environment).find((each) => each.id === id);
        const workload = kernel?.workload();
        if (!kernel || !workload) throw new Problem('conflict', `The kernel "${id}" does not run in "${environment}".`);
        const [{ imageId: started }, first] = await Promise.all([compute.status(workload), compute.imageId(image)]);
        if (started === null || started !== first) {
          throw new Problem(
            'conflict',
            `"${environment}" has changed since the kernel "${id}" was started. Restart the kernel, and clone then.`,
          );
        }
        kernel.rename({ environment: clone });
        kernel.reached(1);
        await registry.saved();
      });
    },

    /**
     * One that fails to follow, or whose gateway dies meanwhile, is known to have its revision with parts of this one, and goes on from there
     * the next time.
     */
    async followRevision({ projectId, environment, revision, transition }: Revised): Promise<void> {
      const follow = async (kernel: RunningKernel) => {
        const workload = kernel.workload();
        const { revision: from, parts } = kernel.snapshot();
        if (workload === null || from === null || from >= revision) return;
        const found = await transition([from, ...parts]);
        if (found) {
          kernel.moving(revision);
          await registry.saved();
          await take(kernel, workload, found);
        }
        kernel.reached(revision);
      };
      await Promise.all(of(projectId, environment).map((kernel) => inTurn(kernel.id, () => follow(kernel)).catch(onError)));
    },

    /** The environments whose packages running kernels have, and of which revisions. */
    revisionsInUse(): { projectId: string; environment: string; revision: number }[] {
      return registry.all().flatMap((kernel) => {
        const { projectId, environment, revision } = kernel.snapshot();
        return revision === null ? [] : [{ projectId, environment, revision }];
      });
    },

    stopFollowing: () => closing.abort(),
  };
}
