/** The procedures of jobs, their executions and the snapshots they run on. Contents travel over routes of their own. */
import type { Executions } from '../../domains/jobs/executions.ts';
import type { Jobs } from '../../domains/jobs/jobs.ts';
import type { Schedules } from '../../domains/jobs/schedules.ts';
import type { Snapshots } from '../../domains/jobs/snapshots.ts';
import type { Implementer } from './base.ts';
import { seenBefore, withIds } from './resuming.ts';

/** Where the client's own signal is missing, the operation's deadline is all there is. */
const never = new AbortController().signal;

export function jobHandlers(os: Implementer, jobs: Jobs) {
  return {
    list: os.jobs.list.handler(({ input }) => jobs.list(input.project)),
    get: os.jobs.get.handler(({ input }) => jobs.get(input)),
    put: os.jobs.put.handler(({ input, context }) => jobs.put(input, context.principal.user)),
    delete: os.jobs.delete.handler(async ({ input }) => {
      await jobs.delete(input);
      return {};
    }),
    run: os.jobs.run.handler(({ input, context }) => jobs.run(input, context.principal.user)),
  };
}

export function executionHandlers(os: Implementer, executions: Executions) {
  return {
    list: os.executions.list.handler(({ input }) => executions.list(input.project, input)),
    get: os.executions.get.handler(({ input }) => executions.get(input)),
    stop: os.executions.stop.handler(({ input, context }) => executions.stop(input, context.principal.user)),
    rerun: os.executions.rerun.handler(({ input, context }) => executions.rerun(input, context.principal.user)),
    log: os.executions.log.handler(async ({ input, lastEventId, signal = never }) => {
      const after = seenBefore(lastEventId) ?? input.after;
      return withIds(await executions.log({ ...input, after }, signal), ({ seq }) => seq);
    }),
    usage: os.executions.usage.handler(({ input }) => executions.usage(input)),
    results: os.executions.results.handler(({ input }) => executions.results(input)),
  };
}

export function snapshotHandlers(os: Implementer, snapshots: Snapshots) {
  return { create: os.snapshots.create.handler(({ input }) => snapshots.create(input.project, input.manifest)) };
}

export function scheduleHandlers(os: Implementer, schedules: Schedules) {
  return {
    list: os.schedules.list.handler(({ input }) => schedules.list(input.project, input.job)),
    create: os.schedules.create.handler(({ input, context }) => schedules.create(input, context.principal.user)),
    update: os.schedules.update.handler(({ input, context }) => schedules.update(input, context.principal.user)),
    delete: os.schedules.delete.handler(async ({ input }) => {
      await schedules.delete(input.project, input.schedule);
      return {};
    }),
  };
}
