/** The audit log: who did what, with which key, from where, and how it went. */
import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { Nothing, ProjectName, Time, procedure, wholeNumber } from './base.ts';

export const AuditEntry = z.object({
  id: z.int().describe('Grows; never used twice'),
  time: Time,
  user: z.string().nullable().describe('null: nobody was signed in'),
  key: z.object({ id: z.string(), name: z.string() }).nullable(),
  address: z.string().nullable().describe('Where the call came from; null: from the gateway itself'),
  procedure: z
    .string()
    .describe(
      'As in the contract; `sign-in` for a key that was not accepted, `refused` for further refusals of a user within a minute, counted together, `audit.dropped` where entries are missing',
    ),
  subject: z.record(z.string(), z.string()).describe('What it was about: project, names, ids. Never contents or secrets'),
  outcome: z.string().describe('`ok`, or the code of the problem'),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

const filters = {
  user: z.string().min(1).max(100).optional(),
  key: z.string().min(1).max(64).optional().describe('Id of a key'),
  project: ProjectName.optional(),
  since: Time.optional().describe('Only what is not older'),
  outcome: z.string().min(1).max(64).optional().describe('`ok`, the code of a problem, or `refused` for all problems'),
};

const tags = ['Audit'];
const meta = { scope: 'audit:read', admin: true } as const;

export const audit = {
  list: procedure
    .meta(meta)
    .route({ method: 'GET', path: '/audit', summary: 'What was done and refused, newest first', tags })
    .input(
      z.strictObject({
        ...filters,
        limit: wholeNumber(1, 1000).default(100),
        before: wholeNumber(1).optional().describe('Only those older than this entry'),
      }),
    )
    .output(z.array(AuditEntry)),
  follow: procedure
    .meta(meta)
    .route({ method: 'GET', path: '/audit/follow', summary: 'What is done and refused from now on, or after the entry you saw last', tags })
    .input(
      z.strictObject({
        ...filters,
        after: wholeNumber(0).optional().describe('The id you saw last. `Last-Event-ID` wins'),
      }),
    )
    .output(eventIterator(AuditEntry, Nothing)),
};
