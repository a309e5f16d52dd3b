/** Python environments: what kernels and jobs run in. Bundled ones come with Bine and are built on first use. */
import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { ProjectName, InProject, Time, procedure } from './base.ts';

export const EnvironmentName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'use 1 to 63 lower-case letters, digits and -');

export const EnvironmentState = z.enum(['absent', 'building', 'ready', 'failed']);

export const Environment = z.object({
  name: EnvironmentName,
  title: z.string().describe('As shown in "Select Kernel"'),
  purpose: z.enum(['feature', 'training', 'inference']),
  description: z.string(),
  bundled: z.boolean(),
  packages: z.array(z.string()).describe('Requirements, in the form of pip'),
  state: EnvironmentState.describe('absent: built on first use'),
  problem: z.string().nullable().describe('Why the last build failed'),
  image: z.string().nullable().describe('Digest of the image, when ready'),
  built: Time.nullable(),
});
export type Environment = z.infer<typeof Environment>;

/** One line of a build. The last one has `done`. */
export const BuildLine = z.object({
  time: Time,
  text: z.string(),
  done: z.enum(['succeeded', 'failed', 'cancelled']).optional(),
});
export type BuildLine = z.infer<typeof BuildLine>;

const InEnvironment = z.strictObject({ project: ProjectName, environment: EnvironmentName });
const tags = ['Environments'];

export const environments = {
  list: procedure
    .meta({ scope: 'environments:read', role: 'viewer' })
    .route({ method: 'GET', path: '/projects/{project}/environments', summary: 'List the environments of a project', tags })
    .input(InProject)
    .output(z.array(Environment)),
  get: procedure
    .meta({ scope: 'environments:read', role: 'viewer' })
    .route({ method: 'GET', path: '/projects/{project}/environments/{environment}', summary: 'Describe an environment', tags })
    .input(InEnvironment)
    .output(Environment),
  build: procedure
    .meta({ scope: 'environments:write', role: 'data-scientist' })
    .route({
      method: 'POST',
      path: '/projects/{project}/environments/{environment}/build',
      successStatus: 202,
      summary: 'Build it unless it is ready; a build under way is shared',
      tags,
    })
    .input(InEnvironment)
    .output(Environment),
  cancelBuild: procedure
    .meta({ scope: 'environments:write', role: 'data-scientist' })
    .route({
      method: 'POST',
      path: '/projects/{project}/environments/{environment}/cancel',
      summary: 'Cancel the build under way; kernels that wait for it fail',
      tags,
    })
    .input(InEnvironment)
    .output(Environment),
  log: procedure
    .meta({ scope: 'environments:read', role: 'viewer' })
    .route({
      method: 'GET',
      path: '/projects/{project}/environments/{environment}/log',
      summary: 'The log of the last build from its first line, then live until it ends',
      tags,
    })
    .input(InEnvironment)
    .output(eventIterator(BuildLine)),
};
