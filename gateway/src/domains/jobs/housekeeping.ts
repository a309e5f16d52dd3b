/** What is done for executions without being asked: found again at start, forgotten when old, taken along with their project. */
import { Problem } from '@bine/shared/problems';
import type { ExecutionFolders } from '../../ports/run-archive.ts';
import type { Docker } from '../../adapters/docker/docker.ts';
import type { ExecutionRecord } from '../../ports/state/executions.ts';
import { delay } from '../../lib/delay.ts';
import { removeStrays } from '../../lib/strays.ts';
import type { Strays } from '../../lib/strays.ts';
import { createMutex } from '../../lib/mutex.ts';
import { gpusFromLabels } from '../kernels/container.ts';
import { containerName, executionsOf } from './container.ts';
import type { Common } from './parts.ts';
import type { Registry } from './registry.ts';
import type { Snapshots } from './snapshots.ts';

export type HouseParts = Common & {
  registry: Registry;
  docker: Docker;
  folders: ExecutionFolders;
  snapshots: Snapshots;
  gateway: string;
};

const engineRetryMilliseconds = 3000;
const forgetMilliseconds = 3_600_000;
const strayMilliseconds = 60_000;
const projectGone = 'Its project was deleted.';

export function keepHouse(parts: HouseParts) {
  const { registry, rows, folders, onError } = parts;
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
      try {
        await reconcileOnce(parts, closing.signal);
        reconciled = true;
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== 'engine-unavailable') throw error;
        void reconcileLater(parts, closing.signal).then(() => (reconciled = !closing.signal.aborted));
      }
      void forget.unusedFiles().catch(onError);
    },

    /** It happens by itself every minute. */
    clearStrays,

    /** Called when one has ended. */
    forgetOld: (record: ExecutionRecord): void => void forget.olderThan(record).catch(onError),

    /** The project is deleted for good; its folder goes with it. */
    async forgetProject({ id }: { id: string }): Promise<void> {
      await endProject({ id });
      await registry.saved();
      await rows.executions.forgetProject(id);
      for (const execution of await folders.list(id)) await folders.remove({ projectId: id, id: execution });
    },

    async [Symbol.asyncDispose](): Promise<void> {
      for (const timer of timers) clearInterval(timer);
      closing.abort();
      await registry.detach();
    },
  };
}

const straysOf = ({ docker, gateway, registry }: HouseParts): Strays => ({
  list: () => docker.list(executionsOf(gateway)),
  isKnown: ({ labels }) => registry.get(labels['bine.execution'] ?? '') !== null,
  remove: docker.remove,
});

async function reconcileOnce({ docker, gateway, rows, projects, registry }: HouseParts, signal: AbortSignal): Promise<void> {
  const containers = await docker.list(executionsOf(gateway), signal);
  const found = new Map(containers.map((container) => [container.labels['bine.execution'], container]));
  const unended = await rows.executions.unended();
  for (const record of unended) {
    if (registry.get(record.id)) continue;
    const project = await projects.byId(record.projectId);
    const container = found.get(record.id);
    if (!project) {
      await docker.remove(containerName(record.id), signal);
      await rows.executions.save({ ...record, state: 'stopped', cause: projectGone, ended: new Date().toISOString() });
    } else if (record.state === 'queued' && !container) registry.enqueue(record, project, { again: true });
    else registry.takeUp(record, project, container ? gpusFromLabels(container.labels) : []);
  }
  // Of those that are over, or forgotten, only a container was left.
  const known = new Set(unended.map(({ id }) => id));
  for (const container of containers) {
    const id = container.labels['bine.execution'] ?? '';
    if (!known.has(id) && !registry.get(id)) await docker.remove(container.id, signal);
  }
}

async function reconcileLater(parts: HouseParts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await delay(engineRetryMilliseconds, signal);
    try {
      await reconcileOnce(parts, signal);
      return;
    } catch (error) {
      if (!signal.aborted && (!(error instanceof Problem) || error.code !== 'engine-unavailable')) parts.onError(error);
    }
  }
}

function createForget({ rows, folders, snapshots, registry }: HouseParts) {
  const oneAtATime = createMutex();
  return {
    /** Keeps as many ended executions as the job says. The folder first: what a crash leaves in between is found again by its row. */
    olderThan: ({ projectId, job }: ExecutionRecord): Promise<void> =>
      oneAtATime(async () => {
        await registry.saved();
        const record = await rows.jobs.get(projectId, job);
        for (const old of await rows.executions.endedBeyond(projectId, job, record?.keep ?? 0)) {
          // One that still clears up is looked at when it has done so.
          if (registry.get(old.id)) continue;
          await folders.remove(old);
          await rows.executions.remove(old.id);
        }
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
