/** What a project may take, what it takes, and what the machine has left. */
import { z } from 'zod';
import { UserName } from './access.ts';
import { ProjectName, Time } from './base.ts';

const most = 1_000_000_000;
const count = z.int().min(0).max(most);

/** What each limit is in a request. One table for contract, configuration, command line and documents. */
export const limitFields = {
  cores: z.number().min(0).max(most).describe('Cores of running jobs and kernels together'),
  memory: count.describe('Memory of running jobs and kernels together, by their limits, in MiB'),
  gpus: count.describe('GPUs of running jobs and kernels together'),
  running: count.describe('Executions that run at one time'),
  queued: count.describe('Executions that wait at one time'),
  kernels: count.describe('Kernels at one time'),
  disk: count.describe('Disk space of files, bin, results, snapshots and logs, in MiB'),
} as const;

export const limitNames = Object.keys(limitFields) as LimitName[];
export type LimitName = keyof typeof limitFields;

const weight = z.number().min(0.01).max(100).describe('Its share of the queue beside other projects');

/** null: no limit. */
export const Limits = z.object({
  cores: limitFields.cores.nullable(),
  memory: limitFields.memory.nullable(),
  gpus: limitFields.gpus.nullable(),
  running: limitFields.running.nullable(),
  queued: limitFields.queued.nullable(),
  kernels: limitFields.kernels.nullable(),
  disk: limitFields.disk.nullable(),
  weight,
});
export type Limits = z.infer<typeof Limits>;

/** A number, `none` for no limit, or `default` for what the gateway gives every project. */
const change = (field: z.ZodNumber) => z.union([field, z.enum(['none', 'default'])]).optional();

export const LimitChanges = z.strictObject({
  cores: change(limitFields.cores).describe(limitFields.cores.description!),
  memory: change(limitFields.memory).describe(limitFields.memory.description!),
  gpus: change(limitFields.gpus).describe(limitFields.gpus.description!),
  running: change(limitFields.running).describe(limitFields.running.description!),
  queued: change(limitFields.queued).describe(limitFields.queued.description!),
  kernels: change(limitFields.kernels).describe(limitFields.kernels.description!),
  disk: change(limitFields.disk).describe(limitFields.disk.description!),
  weight: z
    .union([weight, z.enum(['default'])])
    .optional()
    .describe(weight.description!),
});
export type LimitChanges = z.infer<typeof LimitChanges>;

/** What a project takes at this moment. */
export const ProjectUse = z.object({
  cores: z.number(),
  memory: z.int().describe('MiB'),
  gpus: z.int(),
  running: z.int(),
  queued: z.int(),
  kernels: z.int(),
  disk: z.int().nullable().describe('MiB; null: not measured yet'),
  diskMeasured: Time.nullable(),
});
export type ProjectUse = z.infer<typeof ProjectUse>;

export const ProjectLimits = z.object({
  project: ProjectName,
  limits: Limits,
  set: z.array(z.string()).describe('Limits that an administrator set for this project; the others are defaults of the gateway'),
  use: ProjectUse,
});
export type ProjectLimits = z.infer<typeof ProjectLimits>;

const Amount = z.object({ cores: z.number(), memory: z.int().describe('MiB'), gpus: z.int() });

/** Of projects that the caller is no member of, only sums are told. */
export const Capacity = z.object({
  machine: Amount,
  jobs: Amount.extend({ running: z.int() }),
  kernels: Amount.extend({
    count: z.int(),
    committed: z.int().describe('MiB of the machine that are set aside for them; their limits may add up to more'),
  }),
  free: Amount.describe('For jobs'),
  queued: z.int(),
  projects: z.array(
    ProjectLimits.extend({
      users: z.array(z.object({ user: UserName, running: z.int(), queued: z.int() })).describe('Those with jobs that run or wait'),
      reached: z.array(z.string()).describe('Limits that it has reached'),
    }),
  ),
});
export type Capacity = z.infer<typeof Capacity>;
