/** The gateway itself. */
import { z } from 'zod';
import { Nothing, Time, procedure } from './base.ts';
import { Capacity } from './limits.ts';

export const Health = z.object({ status: z.enum(['ok', 'starting']), version: z.string() });
export type Health = z.infer<typeof Health>;

export const DiskSpace = z.object({
  mount: z.string().describe("Where the disk of the gateway's data is mounted"),
  total: z.int().describe('Bytes'),
  free: z.int().describe('Bytes'),
  leastFree: z.int().describe('Bytes below which nothing new starts'),
  state: z.enum(['ok', 'low', 'full']).describe('low: nothing new starts; full: nothing can be written'),
});
export type DiskSpace = z.infer<typeof DiskSpace>;

export const Status = z.object({
  version: z.string(),
  started: Time,
  gateway: z.string().describe('The id that its containers carry as a label'),
  engine: z.object({ name: z.string(), version: z.string() }).nullable().describe('null: it does not answer'),
  capacity: z.object({ cores: z.number(), memory: z.int().describe('MiB'), gpus: z.int() }),
  disk: DiskSpace,
  egress: z.object({
    enforced: z.boolean().describe('Containers reach neither this machine nor private networks, but for what is listed'),
    reason: z.string().nullable().describe('Why they do'),
  }),
  kernels: z.int().describe('Running now'),
});
export type Status = z.infer<typeof Status>;

const tags = ['System'];

export const system = {
  health: procedure
    .route({ method: 'GET', path: '/health', summary: 'Is the gateway up; needs no key', tags })
    .input(Nothing)
    .output(Health),
  status: procedure
    .meta({ scope: 'projects:read' })
    .route({ method: 'GET', path: '/status', summary: 'Version, engine and capacity', tags })
    .input(Nothing)
    .output(Status),
  capacity: procedure
    .meta({ scope: 'projects:read' })
    .route({ method: 'GET', path: '/capacity', summary: 'What the machine has, who takes what of it, and who waits', tags })
    .input(Nothing)
    .output(Capacity),
};
