/** The procedures of jobs, their executions and the snapshots they run on. Contents travel over routes of their own. */
import type { Executions } from '../../domains/jobs/executions.ts';
import type { Jobs } from '../../domains/jobs/jobs.ts';
import type { Schedules } from '../../domains/jobs/schedules.ts';
import type { Snapshots } from '../../domains/jobs/snapshots.ts';
import type { Principal } from '../../domains/access/principal.ts';
import { hideInExecution, hideInJob } from '../../domains/jobs/hidden-values.ts';
import type { Projects } from '../../domains/projects/projects.ts';
import type { Implementer } from './base.ts';
import { seenBefore, withIds } from './resuming.ts';

/** Where the client's own signal is missing, the operation's deadline is all there is. */
const never = new AbortController().signal;

type Roles = Pick<Projects, 'roleOf'>;

/** Viewers may look at jobs, not into their variables. */
async function isViewer({ roleOf }: Roles, principal: Principal, project: string): Promise<boolean> {
  return (await roleOf(principal, project)) === 'viewer';
}

export function jobHandlers(os: Implementer, jobs: Jobs, projects: Roles) {
  return {
    list: os.jobs.list.handler(async ({ input, context }) => {
      const all = await jobs.list(input.project);
      if (!(await isViewer(projects, context.principal, input.project))) return all;
      return all.map((job) => ({ ...hideInJob(job), last: job.last && hideInExecution(job.last) }));
    }),
    get: os.jobs.get.handler(async ({ input, context }) => {
      const job = await jobs.get(input);
      return (await isViewer(projects, context.principal, input.project)) ? hideInJob(job) : job;
    }),
    put: os.jobs.put.handler(({ input, context }) => jobs.put(input, context.principal.user)),
    delete: os.jobs.delete.handler(async ({ input }) => {
      await jobs.delete(input);
      return {};
    }),
    run: os.jobs.run.handler(({ input, context }) => jobs.run(input, context.principal.user)),
  };
}

export function executionHandlers(os: Implementer, executions: Executions, projects: Roles) {
  return {
    list: os.executions.list.handler(async ({ input, context }) => {
      const all = await executions.list(input.project, input);
      return (await isViewer(projects, context.principal, input.project)) ? all.map(hideInExecution) : all;
    }),
    get: os.executions.get.handler(async ({ input, context }) => {
      const one = await executions.get(input);
      return (await isViewer(projects, context.principal, input.project)) ? hideInExecution(one) : one;
    }),
    stop: os.executions.stop.handler(({ input, context }) => executions.stop(input, context.principal.user)),
    rerun: os.executions.rerun.handler(({ input, context }) => executions.rerun(input, context.principal.user)),
    log: os.executions.log.handler(async ({ input, lastEventId, signal = never }) => {
      const after = seenBefore(lastEventId) ?? input.after;
      return withIds(await executions.log({ ...input, after }, signal), { idOf: ({ seq }) => seq });
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
