/**
 * Python environments: what kernels and jobs run in. Bundled ones come with Bine, are built on first use and never change; a clone
 * belongs to a project and is changed from revision to revision.
 */
import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { ProjectName, ProjectPath, InProject, Nothing, Time, procedure, wholeNumber } from './base.ts';
import { environmentName } from './names.ts';
import { SecretName } from './secrets.ts';

export const EnvironmentName = z.string().regex(environmentName.pattern, environmentName.hint);

/** `changing`: packages are being installed or uninstalled; kernels and jobs start in the revision before. */
export const EnvironmentState = z.enum(['absent', 'building', 'ready', 'changing', 'failed']);

export const Environment = z.object({
  name: EnvironmentName,
  project: ProjectName.nullable().describe('Whose it is; null: bundled, and the same in every project'),
  title: z.string().describe('As shown in "Select Kernel"'),
  purpose: z.enum(['feature', 'training', 'inference']),
  description: z.string(),
  bundled: z.boolean(),
  from: EnvironmentName.nullable().describe('What it was cloned from; null: bundled'),
  revision: z.int().nullable().describe('What new kernels and jobs get; null: bundled'),
  packages: z.array(z.string()).describe('What was asked for, in the form of pip; the others are needed by these'),
  state: EnvironmentState.describe('absent: built on first use'),
  problem: z.string().nullable().describe('Why the last build or change failed'),
  image: z.string().nullable().describe('Digest of the image, when ready'),
  built: Time.nullable().describe('When the image was made'),
});
export type Environment = z.infer<typeof Environment>;

/** One line of a build or a change. The last one has `done`. */
export const BuildLine = z.object({
  time: Time,
  text: z.string(),
  done: z.enum(['succeeded', 'failed', 'cancelled']).optional(),
});
export type BuildLine = z.infer<typeof BuildLine>;

export const PackageSource = z.enum(['bundled', 'index', 'git', 'wheel']);

export const Package = z.object({
  name: z.string().describe('Normalised: lower-case letters, digits and -'),
  version: z.string(),
  source: PackageSource.describe('bundled: it came with the environment that this one was cloned from'),
  from: z.string().nullable().describe('The Git URL with the commit, or the wheel; null: the index'),
  direct: z.boolean().describe('It was asked for; otherwise another one needs it'),
});
export type Package = z.infer<typeof Package>;

/** What differs between one set of packages and the next. */
export const PackageChanges = z.object({
  added: z.array(z.object({ name: z.string(), version: z.string() })),
  removed: z.array(z.object({ name: z.string(), version: z.string() })),
  updated: z.array(z.object({ name: z.string(), from: z.string(), to: z.string() })),
});
export type PackageChanges = z.infer<typeof PackageChanges>;

const action = z.enum(['clone', 'change', 'rollback']);

/** One state of an environment, kept for good: later ones go on from it or go back to it. */
export const Revision = z.object({
  number: z.int().describe('1 is the clone'),
  time: Time,
  user: z.string().describe('Who made it'),
  action,
  summary: z.string().describe('One line for a list, such as "+ seaborn 0.13.2"'),
  changes: PackageChanges.describe('Against the revision before'),
  image: z.string().describe('Digest of its image'),
  rollbackTo: z.int().nullable().describe('The revision whose packages it has again'),
  change: z.string().nullable().describe('The change that made it; its log is kept'),
});
export type Revision = z.infer<typeof Revision>;

export const ChangeState = z.enum(['queued', 'resolving', 'installing', 'saving', 'succeeded', 'failed', 'cancelled']);
export type ChangeState = z.infer<typeof ChangeState>;

/** What was asked of an environment and what became of it. One that failed or was cancelled has changed nothing. */
export const Change = z.object({
  id: z.string(),
  environment: EnvironmentName,
  action: action.exclude(['clone']),
  install: z.array(z.string()).describe('As it was asked for; a line of a requirements file, a wheel by its path'),
  uninstall: z.array(z.string()),
  secrets: z.array(SecretName).describe('Names of those that the builds of its packages were given'),
  rollbackTo: z.int().nullable(),
  state: ChangeState.describe('Changes of one environment wait for each other'),
  problem: z.string().nullable().describe('Why it failed, in one line'),
  user: z.string(),
  submitted: Time,
  ended: Time.nullable(),
  revision: z.int().nullable().describe('What it made; null while it runs, when it failed, and when there was nothing to change'),
});
export type Change = z.infer<typeof Change>;

/** What an installation would do. */
export const Preview = PackageChanges.extend({
  lines: z.array(z.string()).describe("The resolver's own words"),
});
export type Preview = z.infer<typeof Preview>;

/** A kernel that is not over, or a job. */
export const EnvironmentUser = z.object({
  type: z.enum(['kernel', 'job']),
  id: z.string(),
  title: z.string().describe("A kernel's notebook, a job's name"),
  revision: z.int().nullable().describe('The revision that a kernel has; null: bundled, or a job, which takes the newest'),
});
export type EnvironmentUser = z.infer<typeof EnvironmentUser>;

/** A package as the index offers it. */
export const FoundPackage = z.object({
  name: z.string(),
  versions: z.array(z.string()).describe('Newest first; at most 50. Not those that were withdrawn'),
  summary: z.string().nullable().describe('Where the index tells'),
  installed: z.string().nullable().describe('The version in this environment'),
});
export type FoundPackage = z.infer<typeof FoundPackage>;

const requirement = z.string().trim().min(1).max(500);
const description = z.string().max(500);

const InEnvironment = z.strictObject({ project: ProjectName, environment: EnvironmentName });
const Packages = InEnvironment.extend({
  install: z
    .array(requirement)
    .max(100)
    .default([])
    .describe('Name with version and extras, as for pip: "seaborn", "ray[tune]>=2.9"; or "name @ git+https://…@ref", or the URL alone'),
  requirements: z
    .string()
    .max(200_000)
    .optional()
    .describe('Text of a requirements.txt; options and references to other files are refused'),
  wheels: z.array(ProjectPath.min(1)).max(50).default([]).describe('Wheel files (or source archives) in the project'),
  uninstall: z.array(requirement).max(100).default([]).describe('Names'),
  secrets: z
    .array(SecretName)
    .max(100)
    .default([])
    .describe('Given to the builds of packages by name, each as the file $BINE_SECRETS_DIR/NAME; yours before those of the project'),
});
const read = { scope: 'environments:read', role: 'viewer' } as const;
const write = { scope: 'environments:write', role: 'data-scientist' } as const;
const tags = ['Environments'];
const path = '/projects/{project}/environments' as const;

/** Of every environment: finding it, and the build of a bundled one. */
const any = {
  list: procedure
    .meta(read)
    .route({ method: 'GET', path, summary: 'List the environments of a project, the bundled ones last', tags })
    .input(InProject)
    .output(z.array(Environment)),
  get: procedure
    .meta(read)
    .route({ method: 'GET', path: `${path}/{environment}`, summary: 'Describe an environment', tags })
    .input(InEnvironment)
    .output(Environment),
  build: procedure
    .meta(write)
    .route({
      method: 'POST',
      path: `${path}/{environment}/build`,
      successStatus: 202,
      summary: 'Build it unless it is ready; a build under way is shared',
      tags,
    })
    .input(InEnvironment)
    .output(Environment),
  cancelBuild: procedure
    .meta(write)
    .route({
      method: 'POST',
      path: `${path}/{environment}/cancel`,
      summary: 'Cancel the build or the change under way; kernels that wait for a build fail',
      tags,
    })
    .input(InEnvironment)
    .output(Environment),
  log: procedure
    .meta(read)
    .route({
      method: 'GET',
      path: `${path}/{environment}/log`,
      summary: 'The log of the last build or change, or of a certain change, from its first line, then live until it ends',
      tags,
    })
    .input(InEnvironment.extend({ change: z.string().max(64).optional().describe('Default: the last one') }))
    .output(eventIterator(BuildLine, Nothing)),
  packages: procedure
    .meta(read)
    .route({ method: 'GET', path: `${path}/{environment}/packages`, summary: 'List its packages; it must have been built', tags })
    .input(InEnvironment)
    .output(z.array(Package)),
  users: procedure
    .meta(read)
    .route({ method: 'GET', path: `${path}/{environment}/users`, summary: "The project's kernels and jobs that use it", tags })
    .input(InEnvironment)
    .output(z.array(EnvironmentUser)),
  search: procedure
    .meta(read)
    .route({
      method: 'GET',
      path: `${path}/{environment}/search`,
      summary: 'Look a package up in the index by its name; package indexes have no other search',
      tags,
    })
    .input(InEnvironment.extend({ text: z.string().trim().min(1).max(100) }))
    .output(z.array(FoundPackage)),
};

/** Of clones. */
const clones = {
  clone: procedure
    .meta(write)
    .route({
      method: 'POST',
      path: `${path}/{environment}/clone`,
      successStatus: 201,
      summary: 'Make an environment of the project with the same packages, without a build; one that is absent is built first',
      tags,
    })
    .input(
      InEnvironment.extend({
        name: EnvironmentName,
        description: description.optional(),
        kernel: z
          .string()
          .max(64)
          .optional()
          .describe('A kernel that runs in the original: it goes on in the clone, with what it has in memory'),
      }),
    )
    .output(Environment),
  update: procedure
    .meta(write)
    .route({ method: 'PATCH', path: `${path}/{environment}`, summary: 'Rename or describe a clone; its kernels and jobs go along', tags })
    .input(InEnvironment.extend({ name: EnvironmentName.optional(), description: description.optional() }))
    .output(Environment),
  delete: procedure
    .meta(write)
    .route({ method: 'DELETE', path: `${path}/{environment}`, summary: 'Delete a clone; refused while kernels or jobs use it', tags })
    .input(InEnvironment)
    .output(Nothing),
  preview: procedure
    .meta(write)
    .route({ method: 'POST', path: `${path}/{environment}/preview`, summary: 'What a change would do; nothing is changed', tags })
    .input(Packages)
    .output(Preview),
  change: procedure
    .meta(write)
    .route({
      method: 'POST',
      path: `${path}/{environment}/changes`,
      successStatus: 202,
      summary: 'Install and uninstall packages; answers at once, its state follows as events and its words in the log',
      tags,
    })
    .input(Packages.extend({ idempotencyKey: z.string().max(64).optional().describe('The same one again gives the same change') }))
    .output(Change),
  changes: procedure
    .meta(read)
    .route({
      method: 'GET',
      path: `${path}/{environment}/changes`,
      summary: 'List the last 100 changes, newest first, failed ones too',
      tags,
    })
    .input(InEnvironment)
    .output(z.array(Change)),
  cancelChange: procedure
    .meta(write)
    .route({
      method: 'POST',
      path: `${path}/{environment}/changes/{change}/cancel`,
      summary: 'Cancel a change that has not ended; the environment stays as it is',
      tags,
    })
    .input(InEnvironment.extend({ change: z.string().max(64) }))
    .output(Change),
  revisions: procedure
    .meta(read)
    .route({ method: 'GET', path: `${path}/{environment}/revisions`, summary: 'List the revisions of a clone, newest first', tags })
    .input(InEnvironment)
    .output(z.array(Revision)),
  revision: procedure
    .meta(read)
    .route({
      method: 'GET',
      path: `${path}/{environment}/revisions/{revision}`,
      summary: 'A revision with its packages and its lock',
      tags,
    })
    .input(InEnvironment.extend({ revision: wholeNumber(1) }))
    .output(
      Revision.extend({
        packages: z.array(Package),
        lock: z.string().describe('Every package with its version and hashes, in the form of a requirements.txt'),
      }),
    ),
  rollback: procedure
    .meta(write)
    .route({
      method: 'POST',
      path: `${path}/{environment}/rollback`,
      successStatus: 202,
      summary: 'Make a new revision with the packages of an earlier one',
      tags,
    })
    .input(InEnvironment.extend({ revision: z.int().min(1) }))
    .output(Change),
};

export const environments = { ...any, ...clones };
