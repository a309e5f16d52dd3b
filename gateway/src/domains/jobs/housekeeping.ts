/** What is done for executions without being asked: found again at start, forgotten when old, taken along with their project. */
import type { ExecutionFolders } from '../../ports/run-archive.ts';
import type { ExecutionRecord } from '../../ports/state/executions.ts';
import type { Compute } from '../../ports/compute.ts';
import { recoverWorkloads } from '../compute/recovery.ts';
import { removeStrays } from '../compute/strays.ts';
import type { Strays } from '../compute/strays.ts';
import { createMutex } from '../../lib/mutex.ts';
import type { Common } from './parts.ts';
import type { Registry } from './registry.ts';
import type { Snapshots } from './snapshots.ts';

export type HouseParts = Common & {
  registry: Registry;
  compute: Compute;
  folders: ExecutionFolders;
  snapshots: Snapshots;
};

type JobOf = Pick<ExecutionRecord, 'projectId' | 'job'>;

const forgetMilliseconds = 3_600_000;
const strayMilliseconds = 60_000;
const projectGone = 'Its project was deleted.';

export function keepHouse(parts: HouseParts) {
  const { registry, onError } = parts;
  const closing = new AbortController();
  const forget = createForget(parts);
  let reconciled = false;
  const clearStrays = async () => reconciled && removeStrays(straysOf(parts));
  const timers = [
    setInterval(() => void forget.unusedFiles().catch(onError), forgetMilliseconds).unref(),
    setInterval(() => void clearStrays().catch(onError), strayMilliseconds).unref(),
  ];

  /** The project is in the bin: its executions end. */
  async function endProject({ id }: { id: string }): Promise<void> {
    const running = registry.ofProject(id);
    await Promise.all(running.map((execution) => registry.stop(execution, projectGone)));
    await Promise.all(running.map((execution) => execution.over()));
  }

  return {
    endProject,
    /** Those that wait would run with the secrets of another user who gets the name. */
    async endUser(user: string, cause: string): Promise<void> {
      const waiting = registry.all().filter((execution) => execution.record().user === user && execution.record().state === 'queued');
      await Promise.all(waiting.map((execution) => registry.stop(execution, cause)));
    },

    /** Finds what runs again. Where the engine does not answer, that goes on behind, until it does. */
    async reconcile(): Promise<void> {
      const recover = (signal: AbortSignal) => reconcileOnce(parts, signal);
      await recoverWorkloads({ recover, onError, signal: closing.signal }, () => (reconciled = true));
      void forget.unusedFiles().catch(onError);
    },

    /** It happens by itself every minute. */
    clearStrays,

    /** Called when one has ended. */
    forgetOld: (record: ExecutionRecord): void => void forget.olderThan(record).catch(onError),

    /** Of a job that is to be deleted. */
    forgetEnded: forget.allOf,

    /** The project is deleted for good; its folder goes with it. */
    async forgetProject({ id }: { id: string }): Promise<void> {
      await endProject({ id });
      await forget.project(id);
    },

    async [Symbol.asyncDispose](): Promise<void> {
      for (const timer of timers) clearInterval(timer);
      closing.abort();
      await registry.detach();
    },
  };
}

const straysOf = ({ compute, registry }: HouseParts): Strays => ({
  compute,
  role: 'execution',
  isKnown: ({ facts }) => registry.get(facts['execution'] ?? '') !== null,
});

async function reconcileOnce({ compute, rows, projects, registry }: HouseParts, signal: AbortSignal): Promise<void> {
  const workloads = await compute.list('execution', signal);
  const found = new Map(workloads.map((workload) => [workload.facts['execution'], workload]));
  const unended = await rows.executions.unended();
  for (const record of unended) {
    if (registry.get(record.id)) continue;
    const project = await projects.byId(record.projectId);
    const workload = found.get(record.id);
    if (!project) {
      await compute.remove(compute.refOf('execution', record.id));
      await rows.executions.save({ ...record, state: 'stopped', cause: projectGone, ended: new Date().toISOString() });
    } else if (record.state === 'queued' && !workload) registry.enqueue(record, project, { again: true });
    else registry.adopt(record, project, [...(workload?.gpus ?? [])]);
  }
  // Of those that are over, or forgotten, only a workload was left.
  const known = new Set(unended.map(({ id }) => id));
  for (const { ref, facts } of workloads) {
    const id = facts['execution'] ?? '';
    if (!known.has(id) && !registry.get(id)) await compute.remove(ref);
  }
}

function createForget({ rows, folders, snapshots, registry }: HouseParts) {
  const oneAtATime = createMutex();

  /** The folder first: what a crash leaves in between is found again by its row. */
  async function beyond({ projectId, job }: JobOf, keep: number): Promise<void> {
    await registry.saved();
    for (const old of await rows.executions.endedBeyond(projectId, job, keep)) {
      // One that still clears up is looked at when it has done so.
      if (registry.get(old.id)) continue;
      await folders.remove(old);
      await rows.executions.remove(old.id);
    }
  }

  return {
    /** Keeps as many ended executions as the job says. */
    olderThan: ({ projectId, job }: JobOf): Promise<void> =>
      oneAtATime(async () => beyond({ projectId, job }, (await rows.jobs.get(projectId, job))?.keep ?? 0)),

    /** Keeps no ended execution of the job. */
    allOf: (job: JobOf): Promise<void> => oneAtATime(() => beyond(job, 0)),

    project: (projectId: string): Promise<void> =>
      oneAtATime(async () => {
        await registry.saved();
        await rows.executions.forgetProject(projectId);
        for (const id of await folders.list(projectId)) await folders.remove({ projectId, id });
      }),

    /** Contents of snapshots that nothing needs any more, and folders that have no row. */
    unusedFiles: (): Promise<void> =>
      oneAtATime(async () => {
        const byProject = Map.groupBy(await rows.executions.all(), ({ projectId }) => projectId);
        for (const projectId of new Set((await rows.jobs.all()).map((job) => job.projectId))) {
          const executions = byProject.get(projectId) ?? [];
          const known = new Set(executions.map(({ id }) => id));
          for (const id of await folders.list(projectId)) {
            if (!known.has(id) && !registry.get(id)) await folders.remove({ projectId, id });
          }
          await snapshots.prune(
            projectId,
            executions.flatMap(({ inputs }) => inputs.snapshot ?? []),
          );
        }
      }),
  };
}
