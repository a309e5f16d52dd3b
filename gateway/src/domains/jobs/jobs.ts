/**
 * Jobs and their executions. A program's log, results and end are files that it leaves whatever happens to us; the database is an
 * index over them, and what waits or runs is in memory, taken from database, containers and files at start.
 */
import type { ExecutionFolders } from '../../ports/run-archive.ts';
import type { SnapshotStore } from '../../ports/run-archive.ts';
import type { Environments } from '../environments/environments.ts';
import type { ScheduleRows } from '../../ports/state/schedules.ts';
import type { Admission } from '../capacity/admission.ts';
import type { Program } from '../capacity/disk-use.ts';
import { createClock } from './clock.ts';
import { createDefinitions } from './definitions.ts';
import type { DefinitionParts } from './definitions.ts';
import { createExecutions } from './executions.ts';
import { keepHouse } from './housekeeping.ts';
import type { LaunchParts } from './launch.ts';
import type { Common } from './parts.ts';
import { createQueue } from './queue.ts';
import type { QueueParts } from './queue.ts';
import { createRegistry } from './registry.ts';
import { createSchedules } from './schedules.ts';
import type { ScheduleParts } from './schedules.ts';
import { createSnapshots } from './snapshots.ts';

export type JobsParts = Omit<Common, 'limitsOf'> &
  Omit<LaunchParts, 'snapshots'> & {
    environments: Pick<Environments, 'find' | 'ensure'>;
    folders: ExecutionFolders;
    store: SnapshotStore;
    schedules: ScheduleRows;
    admission: Admission;
    shares: QueueParts['shares'];
    /** Seconds that must lie between two ticks of a schedule. */
    leastInterval: number;
    stateOf: DefinitionParts['stateOf'];
    shortage?: () => string | null;
    whyNot: ScheduleParts['whyNot'];
    /** Milliseconds since 1970. */
    now?: () => number;
  };

export type Jobs = ReturnType<typeof createJobs>;

export function createJobs(parts: JobsParts) {
  const snapshots = createSnapshots(parts);
  const queue = createQueue(parts);
  const common = { ...parts, limitsOf: parts.admission.limitsOf, snapshots, queue };
  const registry = createRegistry({ ...common, live: common, onEnded: (record) => house.forgetOld(record) });
  const house = keepHouse({ ...common, registry });
  const executions = createExecutions({ ...common, registry });
  const definitions = createDefinitions({ ...common, registry, executions, forgetEnded: house.forgetEnded });
  const now = parts.now ?? Date.now;
  const clock = createClock({ ...common, executions, now });
  const schedules = createSchedules({ ...common, definitions, now, onChange: clock.rearm });
  return {
    ...definitions,
    executions,
    snapshots,
    schedules,
    /** Finds what runs again, then goes by the schedules. */
    async reconcile(): Promise<void> {
      await queue.restore();
      await house.reconcile();
      // Of users who went while the gateway was down, or before it looked at that.
      await schedules.pauseOrphans();
      clock.start();
    },
    clearStrays: house.clearStrays,
    endProject: house.endProject,
    endUser: house.endUser,
    async forgetProject(project: { id: string }): Promise<void> {
      await house.forgetProject(project);
      queue.forgetProject(project);
    },
    /** How many wait or run. */
    count: registry.count,
    /** Those of a project that run, for whoever has to warn or end them. */
    programs: (projectId: string): Program[] =>
      registry.ofProject(projectId).flatMap((execution) => {
        const end = (cause: string) => registry.stop(execution, cause);
        return execution.record().state === 'running' ? [{ id: execution.id, warn: execution.warn, end }] : [];
      }),
    /** What executions take, how many wait, and what is held for one that has waited for long. */
    uses: queue.uses,
    waiting: queue.waiting,
    held: queue.held,
    /** A limit has changed, or a kernel has ended. */
    lookAgain: queue.lookAgain,
    async [Symbol.asyncDispose](): Promise<void> {
      await clock.stop();
      await house[Symbol.asyncDispose]();
      await queue.close();
    },
  };
}
