/** Schedules: when a job is executed by itself. */
import { z } from 'zod';
import { InProject, Nothing, ProjectName, Time, procedure } from './base.ts';
import { JobName } from './jobs.ts';

export const Schedule = z.object({
  id: z.string(),
  project: ProjectName,
  job: JobName,
  cron: z.string().max(200).describe('Five fields (minute, hour, day, month, weekday), or six with seconds in front'),
  timezone: z.string().max(64).describe('IANA name, as Europe/Stockholm'),
  paused: z.boolean(),
  pauseReason: z.string().nullable().describe('Why Bine paused it. Whoever resumes it takes it over'),
  missed: z.enum(['none', 'last', 'all']).describe('Of the ticks that came while the gateway was down, which are made up for'),
  snapshot: z.string().nullable().describe('Runs on this; null: the project as it is at the tick'),
  user: z.string().describe('Its executions are theirs'),
  created: Time,
  skipped: z.int().describe('Ticks that were left out'),
  skipCause: z.string().nullable().describe('Why the last one of them was'),
  next: z.array(Time).describe('The next five; none while paused'),
});
export type Schedule = z.infer<typeof Schedule>;

const InSchedule = z.strictObject({ project: ProjectName, schedule: z.string().max(64) });
const { cron, timezone, missed } = Schedule.shape;
const read = { scope: 'jobs:read', role: 'viewer' } as const;
const write = { scope: 'jobs:write', role: 'data-scientist' } as const;
const tags = ['Jobs'];

export const schedules = {
  list: procedure
    .meta(read)
    .route({ method: 'GET', path: '/projects/{project}/schedules', summary: 'List schedules', tags })
    .input(InProject.extend({ job: JobName.optional() }))
    .output(z.array(Schedule)),
  create: procedure
    .meta(write)
    .route({ method: 'POST', path: '/projects/{project}/jobs/{job}/schedules', successStatus: 201, summary: 'Add a schedule', tags })
    .input(
      z.strictObject({
        project: ProjectName,
        job: JobName,
        cron,
        timezone: timezone.default('UTC'),
        missed: missed.default('last'),
        snapshot: z.string().max(64).optional(),
      }),
    )
    .output(Schedule),
  update: procedure
    .meta(write)
    .route({ method: 'PATCH', path: '/projects/{project}/schedules/{schedule}', summary: 'Change, pause or resume a schedule', tags })
    .input(
      InSchedule.extend({
        cron: cron.optional(),
        timezone: timezone.optional(),
        missed: missed.optional(),
        paused: z.boolean().optional(),
      }),
    )
    .output(Schedule),
  delete: procedure
    .meta(write)
    .route({ method: 'DELETE', path: '/projects/{project}/schedules/{schedule}', summary: 'Delete a schedule', tags })
    .input(InSchedule)
    .output(Nothing),
};
