/** Every change of anything, numbered, so that a client that comes back misses none. */
import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { Nothing, ProjectName, ProjectPath, Time, procedure, wholeNumber } from './base.ts';
import type { Scope } from './base.ts';
import { Change, Environment, EnvironmentName } from './environments.ts';
import { GitOperation } from './git.ts';
import { JobExecution } from './executions.ts';
import { Job, JobName } from './jobs.ts';
import { Kernel } from './kernels.ts';
import { ProjectLimits } from './limits.ts';
import { Member, Project } from './projects.ts';
import { Schedule } from './schedules.ts';
import { DiskSpace } from './system.ts';

const head = { id: z.int().describe('Grows; never used twice'), time: Time, project: ProjectName };

export const Event = z.discriminatedUnion('type', [
  z.object({ ...head, type: z.literal('project.created'), data: Project.omit({ role: true }) }),
  z.object({ ...head, type: z.literal('project.changed'), data: Project.omit({ role: true }) }),
  z.object({ ...head, type: z.literal('project.deleted'), data: Nothing }),
  z.object({ ...head, type: z.literal('project.restored'), data: Project.omit({ role: true }) }),
  z.object({ ...head, type: z.literal('project.limits-changed'), data: ProjectLimits }),
  z.object({ ...head, type: z.literal('member.set'), data: Member }),
  z.object({ ...head, type: z.literal('member.removed'), data: Member.pick({ user: true }) }),
  z.object({ ...head, type: z.literal('environment.changed'), project: ProjectName.nullable(), data: Environment }),
  // Deleted, or renamed: then `environment.changed` with the new name comes next.
  z.object({
    ...head,
    type: z.literal('environment.removed'),
    data: z.object({ name: EnvironmentName, renamed: EnvironmentName.nullable() }),
  }),
  z.object({ ...head, type: z.literal('environment.change'), data: Change }),
  z.object({ ...head, type: z.literal('kernel.changed'), data: Kernel }),
  z.object({
    ...head,
    type: z.literal('kernel.idle-warning'),
    data: z.object({ kernel: z.string(), notebook: z.string().nullable(), ends: Time }),
  }),
  // The packages of its environment changed in a running kernel, which had loaded some of them: these are as they were until it restarts.
  z.object({
    ...head,
    type: z.literal('kernel.modules-changed'),
    data: z.object({ kernel: z.string(), notebook: z.string().nullable(), environment: EnvironmentName, modules: z.array(z.string()) }),
  }),
  z.object({ ...head, type: z.literal('job.changed'), data: Job }),
  z.object({ ...head, type: z.literal('job.deleted'), data: z.object({ job: JobName }) }),
  z.object({ ...head, type: z.literal('execution.changed'), data: JobExecution }),
  z.object({ ...head, type: z.literal('schedule.changed'), data: Schedule }),
  z.object({ ...head, type: z.literal('schedule.deleted'), data: Schedule.pick({ id: true, job: true }) }),
  // Begun or ended; how far it is, is told to those who follow it.
  z.object({ ...head, type: z.literal('git.operation'), data: GitOperation }),
  // What Bine did to a repository; what programs do to it shows as changes of files.
  z.object({ ...head, type: z.literal('git.changed'), data: z.object({ repository: ProjectPath }) }),
  // The disk of the gateway's data is short of room, is full, or has room again.
  z.object({ ...head, type: z.literal('disk.changed'), project: z.null(), data: DiskSpace }),
  // Not kept: sent to a client whose last id is older than what is kept (30 days, 100,000 events) or not of this gateway. It may have
  // missed something: it reads again what it shows, and goes on from this id.
  z.object({ ...head, type: z.literal('reset'), project: z.null(), data: Nothing }),
]);
export type Event = z.infer<typeof Event>;
export type EventType = Event['type'];

/** What a key needs to be told of an event, besides `events:read`: whoever may not ask for a thing is not told of it either. */
export const eventScopes: Record<EventType, Scope | null> = {
  'project.created': 'projects:read',
  'project.changed': 'projects:read',
  'project.deleted': 'projects:read',
  'project.restored': 'projects:read',
  'project.limits-changed': 'projects:read',
  'member.set': 'projects:read',
  'member.removed': 'projects:read',
  'environment.changed': 'environments:read',
  'environment.removed': 'environments:read',
  'environment.change': 'environments:read',
  'kernel.changed': 'kernels:read',
  'kernel.idle-warning': 'kernels:read',
  'kernel.modules-changed': 'kernels:read',
  'job.changed': 'jobs:read',
  'job.deleted': 'jobs:read',
  'execution.changed': 'jobs:read',
  'schedule.changed': 'jobs:read',
  'schedule.deleted': 'jobs:read',
  'git.operation': 'git:read',
  'git.changed': 'git:read',
  'disk.changed': 'projects:read',
  reset: null,
};

const tags = ['Events'];

export const events = {
  subscribe: procedure
    .meta({ scope: 'events:read' })
    .route({
      method: 'GET',
      path: '/events',
      summary: 'Events of your projects that the scopes of the key cover, after the one you saw last, then live',
      tags,
    })
    .input(
      z.strictObject({
        after: wholeNumber(0).optional().describe('The id you saw last; without it, only new ones. `Last-Event-ID` wins'),
      }),
    )
    .output(eventIterator(Event, Nothing)),
};
