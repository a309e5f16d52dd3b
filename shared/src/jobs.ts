/** Jobs: programs with an environment and compute, kept under a name. What came of one is an execution. */
import { z } from 'zod';
import { InProject, Nothing, ProjectName, Time, procedure } from './base.ts';
import { EnvironmentName } from './environments.ts';
import { Git, JobExecution, Parameters, Program, Warnings, variableName } from './executions.ts';
import { jobName } from './names.ts';
import { SecretUses } from './secrets.ts';
import { Digest } from './snapshots.ts';

export const JobName = z.string().regex(jobName.pattern, jobName.hint);

export const Job = z.object({
  project: ProjectName,
  name: JobName,
  type: z.enum(['python', 'notebook']),
  ...Program.shape,
  keep: z.int().describe('Ended executions kept with log and results'),
  created: Time,
  user: z.string().describe('Who changed it last; its scheduled executions are theirs'),
});
export type Job = z.infer<typeof Job>;

const InJob = z.strictObject({ project: ProjectName, job: JobName });
const { path, arguments: args, parameters, variables, compute } = Program.shape;
const read = { scope: 'jobs:read', role: 'viewer' } as const;
const write = { scope: 'jobs:write', role: 'data-scientist' } as const;
const tags = ['Jobs'];

export const jobs = {
  list: procedure
    .meta(read)
    .route({ method: 'GET', path: '/projects/{project}/jobs', summary: 'List jobs with their last execution, by name', tags })
    .input(InProject)
    .output(z.array(Job.extend({ last: JobExecution.nullable() }))),
  get: procedure
    .meta(read)
    .route({ method: 'GET', path: '/projects/{project}/jobs/{job}', summary: 'Describe a job', tags })
    .input(InJob)
    .output(Job),
  put: procedure
    .meta(write)
    .route({ method: 'PUT', path: '/projects/{project}/jobs/{job}', summary: 'Create a job, or change all of it', tags })
    .input(
      InJob.extend({
        path,
        environment: EnvironmentName,
        compute: compute.prefault({}),
        arguments: args.default([]),
        parameters: parameters.default({}),
        variables: variables.default({}),
        secrets: SecretUses.default([]),
        keep: z.int().min(1).max(10_000).default(50),
      }),
    )
    .output(Job),
  delete: procedure
    .meta(write)
    .route({
      method: 'DELETE',
      path: '/projects/{project}/jobs/{job}',
      summary: 'Delete a job with its executions and schedules; refused while one of them runs',
      tags,
    })
    .input(InJob)
    .output(Nothing),
  run: procedure
    .meta(write)
    .route({
      method: 'POST',
      path: '/projects/{project}/jobs/{job}/executions',
      successStatus: 201,
      summary: 'Execute a job; answers at once, the state follows as events',
      tags,
    })
    .input(
      InJob.extend({
        arguments: args.optional().describe("Instead of the job's"),
        parameters: Parameters.optional().describe("On top of the job's"),
        variables: z.record(variableName, z.string().max(8192)).optional().describe("On top of the job's"),
        secrets: SecretUses.optional().describe("Instead of the job's"),
        snapshot: Digest.optional().describe('Without it, the program is what the project holds when it starts'),
        git: Git.optional(),
        warnings: Warnings.default([]).describe('What the client left out of the snapshot'),
        idempotencyKey: z.string().min(1).max(128).optional().describe('The same key gives the same execution'),
      }),
    )
    .output(JobExecution),
};
