/**
 * Jobs and their executions. A program's log, results and end are files that it leaves whatever happens to us; the database is an
 * index over them, and what waits or runs is in memory, taken from database, containers and files at start.
 */
import type { ExecutionFolders } from '../../adapters/disk/execution-folders.ts';
import type { SnapshotStore } from '../../adapters/disk/snapshot-store.ts';
import type { Docker } from '../../adapters/docker/docker.ts';
import { remembered } from '../../lib/remembered.ts';
import type { Environments } from '../environments/environments.ts';
import type { ScheduleRows } from '../../adapters/store/schedules.ts';
import { createClock } from './clock.ts';
import { createDefinitions } from './definitions.ts';
import type { DefinitionParts } from './definitions.ts';
import { createExecutions } from './executions.ts';
import { keepHouse } from './housekeeping.ts';
import type { LaunchParts } from './launch.ts';
import type { Common } from './parts.ts';
import { createQueue } from './queue.ts';
import type { Others } from './queue.ts';
import { createRegistry } from './registry.ts';
import { createSchedules } from './schedules.ts';
import { createSnapshots } from './snapshots.ts';

export type JobsParts = Omit<Common, 'capacity'> &
  Omit<LaunchParts, 'snapshots'> & {
    docker: Docker;
    environments: Pick<Environments, 'find' | 'ensure'>;
    folders: ExecutionFolders;
    store: SnapshotStore;
    schedules: ScheduleRows;
    /** Of the machine's cores and memory, from 0 to 1. */
    share: number;
    stateOf: DefinitionParts['stateOf'];
    /** What kernels have at this moment. */
    others: () => Others;
    /** Milliseconds since 1970. */
    now?: () => number;
  };

export type Jobs = ReturnType<typeof createJobs>;

export function createJobs(parts: JobsParts) {
  const capacity = remembered(60_000, () => parts.docker.capacity());
  const snapshots = createSnapshots(parts);
  const queue = createQueue({ ...parts, machine: capacity });
  const common = { ...parts, capacity, snapshots, queue };
  const registry = createRegistry({ ...common, live: common, onEnded: (record) => house.forgetOld(record) });
  const house = keepHouse({ ...common, registry });
  const executions = createExecutions({ ...common, registry });
  const definitions = createDefinitions({ ...common, registry, executions });
  const now = parts.now ?? Date.now;
  const clock = createClock({ ...common, executions, now });
  return {
    ...definitions,
    executions,
    snapshots,
    schedules: createSchedules({ ...common, definitions, now, onChange: clock.rearm }),
    /** Finds what runs again, then goes by the schedules. */
    async reconcile(): Promise<void> {
      await house.reconcile();
      clock.start();
    },
    endProject: house.endProject,
    forgetProject: house.forgetProject,
    /** How many wait or run. */
    count: registry.count,
    /** GPUs that executions have. */
    gpus: queue.gpus,
    async [Symbol.asyncDispose](): Promise<void> {
      await clock.stop();
      queue.close();
      await house[Symbol.asyncDispose]();
    },
  };
}
