/** What is done for kernels without being asked: found again at start, ended when idle, forgotten when old, taken along with their project. */
import type { KernelFolders } from '../../ports/run-archive.ts';
import type { KernelRows } from '../../ports/state/kernels.ts';
import type { Compute } from '../../ports/compute.ts';
import { recoverWorkloads } from '../compute/recovery.ts';
import { removeStrays } from '../compute/strays.ts';
import type { Strays } from '../compute/strays.ts';
import type { Events } from '../events/events.ts';
import { createIdleWatch } from './idle.ts';
import { reconcileKernels } from './reconcile.ts';
import { withoutUse } from './registry.ts';
import type { KernelProjects, Registry } from './registry.ts';
import { defaultRetention, forget, forgetOld } from './retention.ts';
import type { Retention } from './retention.ts';

export type HouseParts = {
  registry: Registry;
  compute: Compute;
  rows: KernelRows;
  folders: KernelFolders;
  projects: KernelProjects;
  events: Pick<Events, 'publish'>;
  onError: (error: unknown) => void;
  now: () => number;
  keep?: Retention;
};

const sweepMilliseconds = 5000;
const forgetMilliseconds = 3_600_000;
const strayMilliseconds = 60_000;

export function keepHouse(parts: HouseParts) {
  const { registry, rows, folders, now, onError, keep = defaultRetention } = parts;
  const closing = new AbortController();
  const idle = watchIdle(parts);
  const sweep = () => idle.sweep().catch(onError);
  const forgetEnded = () => forgetOld({ rows, folders, now, keep, isRunning: (id) => registry.get(id) !== null }).catch(onError);
  let reconciled = false;
  const clearStrays = async () => reconciled && removeStrays(straysOf(parts));
  const timers = [
    setInterval(() => void sweep(), sweepMilliseconds),
    setInterval(() => void forgetEnded(), forgetMilliseconds),
    setInterval(() => void clearStrays().catch(onError), strayMilliseconds),
  ];

  return {
    /** Ends what has been idle for too long. It happens by itself every few seconds. */
    endIdle: sweep,

    /** Finds the running kernels again. Where the engine does not answer, that goes on behind, until it does. */
    async reconcile(): Promise<void> {
      const recover = (signal: AbortSignal) => reconcileOnce(parts, signal);
      await recoverWorkloads({ recover, onError, signal: closing.signal }, () => {
        reconciled = true;
        void forgetEnded();
      });
    },

    /** It happens by itself every minute. */
    clearStrays,

    ...followProjects(parts),

    async [Symbol.asyncDispose](): Promise<void> {
      for (const timer of timers) clearInterval(timer);
      closing.abort();
      await registry.detach();
    },
  };
}

/** A kernel that is being started has a workload that it does not know yet. */
function straysOf({ compute, registry }: HouseParts): Strays {
  return {
    compute,
    role: 'kernel',
    isKnown({ ref, facts }) {
      const kernel = registry.get(facts['kernel'] ?? '');
      return kernel !== null && (kernel.workload() === null || kernel.workload() === ref);
    },
  };
}

function watchIdle({ registry, projects, events, now }: HouseParts) {
  return createIdleWatch({
    running: registry.all,
    now,
    idleMinutes: async (projectId) => (await projects.byId(projectId))?.idleMinutes ?? 0,
    warn: (kernel, ends) => {
      const { notebook, projectId } = kernel.snapshot();
      const data = { kernel: kernel.id, notebook, ends: ends.toISOString() };
      events.publish({ type: 'kernel.idle-warning', project: kernel.project.name, data }, projectId);
    },
  });
}

async function reconcileOnce(parts: HouseParts, signal: AbortSignal): Promise<void> {
  const { registry, projects, compute, rows } = parts;
  await reconcileKernels(
    {
      ...parts,
      async adopt(record, found) {
        if (registry.get(record.id)) return true;
        const project = await projects.byId(record.projectId);
        if (!project) return false;
        registry.run({ record, project, gpus: [...(found?.gpus ?? [])], ...(found && { workload: found.ref }) });
        return true;
      },
      async markDead(record, cause) {
        const project = await projects.byId(record.projectId);
        if (project) registry.tell({ ...withoutUse(record), state: 'dead', cause }, project.name);
        else await rows.save({ ...record, state: 'dead', cause: 'Its project was deleted.' });
      },
    },
    signal,
  );
  await compute.tidy(signal);
}

/** What other domains say happened to a project or to its files. */
function followProjects({ registry, rows, folders, projects }: HouseParts) {
  async function endProject({ id }: { id: string }): Promise<void> {
    await Promise.all(registry.ofProject(id).map((kernel) => kernel.end({ state: 'stopped', cause: 'Its project was deleted.' })));
  }

  return {
    /** The project is in the bin: its kernels end. */
    endProject,

    /** Nobody else may use those with secrets of the user's own, and another user may get the name. */
    async endUser(user: string, cause: string): Promise<void> {
      const own = registry.all().filter((kernel) => kernel.snapshot().user === user && kernel.snapshot().private);
      await Promise.all(own.map((kernel) => kernel.end({ state: 'stopped', cause })));
    },

    /** The project is deleted for good: so are its kernels' logs. */
    async forgetProject({ id }: { id: string }): Promise<void> {
      await endProject({ id });
      await registry.saved();
      for (const record of await rows.ofProject(id, { ended: true })) await forget({ rows, folders }, record.id);
    },

    /** A notebook, or a folder with notebooks, has another name: the kernels go along. */
    async moveNotebooks(projectName: string, from: string, to: string): Promise<void> {
      const { id } = await projects.folder(projectName);
      const moved = (notebook: string | null) => {
        if (notebook === from) return to;
        return notebook?.startsWith(`${from}/`) ? `${to}${notebook.slice(from.length)}` : null;
      };
      for (const record of await rows.ofProject(id, { ended: true })) {
        const notebook = moved(record.notebook);
        if (notebook === null) continue;
        const kernel = registry.get(record.id);
        if (kernel) kernel.rename({ notebook });
        else registry.tell({ ...withoutUse(record), notebook }, projectName);
      }
    },
  };
}
