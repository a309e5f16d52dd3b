/** Kernels: one container each, with a log on the host that outlives every client, the gateway and the kernel itself. */
import { z } from 'zod';
import { InProject, Nothing, ProjectName, ProjectPath, Time, procedure, wholeNumber } from './base.ts';
import { EnvironmentName } from './environments.ts';
import { kernelChannelsPath } from './paths.ts';
import { SecretUses } from './secrets.ts';

/**
 * `building`: its environment is being built. `dead`: the kernel ended by itself, see `cause`; a restart revives it.
 * `stopped`: shut down on purpose. The outputs of both are kept.
 */
export const KernelState = z.enum(['building', 'starting', 'idle', 'busy', 'restarting', 'dead', 'stopped']);
export type KernelState = z.infer<typeof KernelState>;

export const Kernel = z.object({
  id: z.string(),
  project: ProjectName,
  environment: EnvironmentName,
  revision: z.int().nullable().describe('Revision of the environment whose packages it has; null: bundled, or not started yet'),
  notebook: ProjectPath.nullable().describe('The notebook it belongs to; one kernel a notebook'),
  state: KernelState,
  cause: z.string().nullable().describe('Why it died or stopped, for a person to read'),
  user: z.string().describe('Who started it'),
  memory: z.int().describe('Limit in MiB'),
  cores: z.number(),
  gpus: z.int(),
  secrets: SecretUses.default([]).describe('Those it was started with'),
  private: z.boolean().default(false).describe('It has secrets of its user: only that user may run something in it'),
  started: Time,
  lastActivity: Time,
  epoch: z.int().describe('Grows by one with each (re)start of the kernel process'),
  head: z.int().describe('Sequence number of the last record in its log'),
  memoryUsed: z.int().nullable().describe('Bytes, as last sampled'),
  cpuUsed: z.number().nullable().describe('Cores, as last sampled'),
});
export type Kernel = z.infer<typeof Kernel>;

/** `unknown`: the supervisor died while it ran; it is not sent again. `aborted`: an earlier cell failed, or a restart came first. */
export const ExecutionState = z.enum(['queued', 'running', 'succeeded', 'failed', 'aborted', 'unknown']);
export type ExecutionState = z.infer<typeof ExecutionState>;

/** One cell that was handed to a kernel. `first` and `last` are sequence numbers in the kernel's log. */
export const Execution = z.object({
  id: z.string().describe('The msg_id of its execute_request'),
  epoch: z.int(),
  cell: z.string().nullable().describe('execute_request.metadata.cellId'),
  state: ExecutionState,
  count: z.int().nullable().describe('In [count]'),
  submitted: Time,
  started: Time.nullable(),
  ended: Time.nullable(),
  first: z.int().describe('Sequence number of the first record of it'),
  last: z.int().nullable().describe('Sequence number of the last one, once it ended'),
  error: z.object({ name: z.string(), value: z.string() }).nullable(),
});
export type Execution = z.infer<typeof Execution>;

const StartKernel = z.strictObject({
  project: ProjectName,
  environment: EnvironmentName,
  notebook: ProjectPath.optional().describe('A running kernel of this notebook in this environment is returned instead'),
  memory: z.int().min(128).max(4_194_304).default(2048).describe('Limit in MiB'),
  cores: z.number().min(0.1).max(1024).default(1),
  gpus: z.int().min(0).max(64).default(0),
  secrets: SecretUses.default([]).describe('Secrets that it gets: yours, else of the project'),
});

const InKernel = z.strictObject({ project: ProjectName, kernel: z.string().max(64) });
const read = { scope: 'kernels:read', role: 'viewer' } as const;
const write = { scope: 'kernels:write', role: 'data-scientist' } as const;
const tags = ['Kernels'];

/**
 * WebSocket of a kernel, framed as in `kernel-wire.ts`. `since=N` replays every record after sequence number N and goes
 * on live; without it, only what is new. Reading needs `read`; whoever also has `write` may send requests.
 *
 * An `execute_request` may carry `metadata.cellId` and `metadata.batch`, any string that the cells of one Run All have in common:
 * once a cell of a batch failed or was interrupted, the rest of it is aborted, also what is still on its way then.
 */
export const kernelChannels = {
  path: kernelChannelsPath,
  query: z.strictObject({ since: wholeNumber(0).optional() }),
  read,
  write,
} as const;

export const kernels = {
  start: procedure
    .meta(write)
    .route({
      method: 'POST',
      path: '/projects/{project}/kernels',
      successStatus: 201,
      summary: 'Start a kernel; answers at once, its state follows as events',
      tags,
    })
    .input(StartKernel)
    .output(Kernel),
  list: procedure
    .meta(read)
    .route({ method: 'GET', path: '/projects/{project}/kernels', summary: 'List kernels, newest first', tags })
    .input(InProject.extend({ ended: z.union([z.boolean(), z.stringbool()]).default(false).describe('Also those that were stopped') }))
    .output(z.array(Kernel)),
  get: procedure
    .meta(read)
    .route({ method: 'GET', path: '/projects/{project}/kernels/{kernel}', summary: 'Describe a kernel', tags })
    .input(InKernel)
    .output(Kernel),
  executions: procedure
    .meta(read)
    .route({
      method: 'GET',
      path: '/projects/{project}/kernels/{kernel}/executions',
      summary: 'What was handed to the kernel, oldest first; also of a kernel that ended',
      tags,
    })
    .input(InKernel)
    .output(z.array(Execution)),
  interrupt: procedure
    .meta(write)
    .route({ method: 'POST', path: '/projects/{project}/kernels/{kernel}/interrupt', summary: 'Interrupt the running cell', tags })
    .input(InKernel)
    .output(Nothing),
  restart: procedure
    .meta(write)
    .route({
      method: 'POST',
      path: '/projects/{project}/kernels/{kernel}/restart',
      summary: 'Restart the kernel process; also revives a dead or stopped one',
      tags,
    })
    .input(InKernel)
    .output(Kernel),
  shutdown: procedure
    .meta(write)
    .route({ method: 'DELETE', path: '/projects/{project}/kernels/{kernel}', summary: 'Shut a kernel down; its outputs are kept', tags })
    .input(InKernel)
    .output(Kernel),
};
