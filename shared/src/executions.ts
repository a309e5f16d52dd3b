/** Executions of jobs: one container each. Log, results and end are files on the host that outlive gateway and container. */
import { eventIterator } from '@orpc/contract';
import { z } from 'zod';
import { InProject, Nothing, ProjectName, ProjectPath, Time, procedure, wholeNumber } from './base.ts';
import { EnvironmentName } from './environments.ts';
import { jobName } from './names.ts';
import { executionResultPath } from './paths.ts';
import { SecretUses } from './secrets.ts';

export const Compute = z.strictObject({
  cores: z.number().min(0.1).max(1024).default(1),
  memory: z.int().min(128).max(4_194_304).default(2048).describe('Limit in MiB'),
  gpus: z.int().min(0).max(64).default(0),
  timeout: z.int().min(1).max(2_592_000).nullable().default(null).describe('Seconds of running after which it is ended; null: never'),
});
export type Compute = z.infer<typeof Compute>;

/** What Python, the shell and papermill take as a name. */
export const variableName = z
  .string()
  .max(256)
  .regex(/^[A-Za-z_]\w*$/, 'use letters, digits and _, and no digit first');

/** Python takes none of these as a name. */
const keywords = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from global if import in is ' +
    'lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
);

/** A number that JSON does not carry as it is: beyond 2^53, with its ".0", or one of nan, inf and -inf. */
const exactNumber = /^(?:nan|-?inf|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/;

/** Why a float cannot be the number in `text`. Digits alone are no float: Python keeps them all. */
export function problemOfNumber(text: string): string | null {
  if (!/[.eE]/.test(text)) return null;
  const value = Number(text);
  if (!Number.isFinite(value)) return `${text} is more than a float can hold. Write ${value < 0 ? '-inf' : 'inf'} if that is meant.`;
  const [mantissa = ''] = text.split(/[eE]/);
  if (value === 0 && /[1-9]/.test(mantissa)) return `${text} is closer to 0 than a float can be. Write 0 if that is meant.`;
  return null;
}

const Parameter = z.json().superRefine((value, context) => {
  const problem = problemOfParameter(value);
  if (problem) context.addIssue({ code: 'custom', message: problem });
});

function problemOfParameter(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
    return 'has more digits than a JSON number keeps here; send {"$number": "…"} with its digits as text';
  if (typeof value !== 'object' || value === null) return undefined;
  const number = Object.keys(value).length === 1 ? (value as { $number?: unknown }).$number : undefined;
  if (number !== undefined && !(typeof number === 'string' && number.length <= 1000 && exactNumber.test(number)))
    return '{"$number": …} must hold the digits of a number as text';
  if (number !== undefined) return problemOfNumber(number) ?? undefined;
  return Object.values(value).map(problemOfParameter).find(Boolean);
}

/** By name. `{"$number": "1.0"}` is that very number. */
export const Parameters = z.record(z.string(), Parameter).superRefine((values, context) => {
  for (const name of Object.keys(values)) {
    const problem = keywords.has(name) ? 'it is a keyword of Python' : variableName.safeParse(name).error?.issues[0]?.message;
    if (problem) context.addIssue({ code: 'custom', path: [name], message: `cannot be a parameter's name: ${problem}` });
  }
});

/** What an execution gets. A notebook takes `parameters` (papermill style), a Python file `arguments`. */
export const Program = z.object({
  path: ProjectPath.min(1).describe('The .py or .ipynb, inside the project or the snapshot'),
  environment: EnvironmentName,
  compute: Compute,
  arguments: z.array(z.string().max(8192)).max(500),
  parameters: Parameters.describe('Of a notebook; {"$number": "1.0"} is exactly that number'),
  variables: z
    .record(variableName, z.string().max(8192))
    .describe('Environment variables that everybody in the project may read; give tokens and passwords as secrets'),
  secrets: SecretUses.default([]).describe('Secrets that it gets: of who runs it, else of the project'),
});
export type Program = z.infer<typeof Program>;

/** Of the files it runs on, as the client that sent them says. */
export const Git = z.strictObject({ commit: z.string().regex(/^[0-9a-f]{7,64}$/), dirty: z.boolean() });

/** From `queued` (waits for cores, memory or GPUs) over `starting` (its environment, files and container are made) to one of the last four. */
export const JobExecutionState = z.enum(['queued', 'starting', 'running', 'succeeded', 'failed', 'stopped', 'timed-out']);
export type JobExecutionState = z.infer<typeof JobExecutionState>;

export const JobExecution = z.object({
  id: z.string(),
  number: z.int().describe('1, 2, 3 … within its job'),
  project: ProjectName,
  job: z.string().regex(jobName.pattern),
  state: JobExecutionState,
  cause: z.string().nullable().describe('Why it waits, or ended as it did: exit code, signal, out of memory, timeout …'),
  exitCode: z.int().nullable().describe('Of the program; 128 + N after signal N'),
  warnings: z.array(z.string()).describe('What was left out of its files, or had no effect'),
  user: z.string(),
  trigger: z.enum(['user', 'schedule', 'rerun']),
  schedule: z.string().nullable().describe('The schedule whose tick it is'),
  submitted: Time,
  started: Time.nullable().describe('When the program began'),
  ended: Time.nullable(),
  cells: z.object({ done: z.int(), total: z.int() }).nullable().describe('Code cells of a notebook'),
  executed: ProjectPath.nullable().describe('Of a notebook: the executed one, among its results'),
  inputs: Program.extend({
    image: z.string().nullable().describe("Digest of the environment's image"),
    revision: z.int().nullable().describe('Of the environment'),
    snapshot: z.string().nullable().describe('Digest of all files it runs on; null: those of the project'),
    sha256: z.string().nullable().describe('Of the program file, once it is starting'),
    git: Git.nullable(),
    logicalTime: Time.nullable().describe('The tick of its schedule'),
  }),
});
export type JobExecution = z.infer<typeof JobExecution>;

/** A line with its line ending; a piece of one that is long or took its time; or several that were printed at one moment. */
export const LogLine = z.object({
  seq: z.int().describe('Grows; a gap means that lines were dropped for want of room'),
  time: Time,
  stream: z.enum(['stdout', 'stderr', 'system']).describe("system: Bine's own words"),
  text: z.string(),
});
export type LogLine = z.infer<typeof LogLine>;

/** Of those who send files: what they left out, in sentences. */
export const Warnings = z.array(z.string().trim().min(1).max(2000)).max(20);

export const Usage = z.object({ time: Time, cpu: z.number().describe('Cores'), memory: z.int().describe('Bytes') });
export type Usage = z.infer<typeof Usage>;

export const Result = z.object({
  path: ProjectPath,
  size: z.int().describe('Bytes'),
  modified: Time,
  source: z.enum(['results', 'folder']).describe('Written to $BINE_RESULTS, or into the folder of a snapshot that it ran in'),
  before: z.string().nullable().describe('SHA-256 of the file at this path in the snapshot; null: there was none'),
});
export type Result = z.infer<typeof Result>;

export const Results = z.object({
  results: z.array(Result).describe('By path'),
  total: z.int().describe('Files that it left, those that are not in this answer, too'),
  unnameable: z.array(z.string()).describe('Files that cannot be had, because no path can hold their names; 20 at most'),
});
export type Results = z.infer<typeof Results>;

const InExecution = z.strictObject({ project: ProjectName, execution: z.string().max(64) });
const read = { scope: 'jobs:read', role: 'viewer' } as const;
const write = { scope: 'jobs:write', role: 'data-scientist' } as const;
const tags = ['Jobs'];

/**
 * GET and HEAD of a result's bytes, streamed; honours `Range`. Results are what the program wrote to `/results` (also
 * `$BINE_RESULTS`), the executed notebook, and, of an execution on a snapshot, what it changed or made in its folder.
 */
export const executionResult = { path: executionResultPath, query: z.strictObject({ path: ProjectPath }), read } as const;

export const executions = {
  list: procedure
    .meta(read)
    .route({ method: 'GET', path: '/projects/{project}/executions', summary: 'List executions, newest first', tags })
    .input(
      InProject.extend({
        job: z.string().regex(jobName.pattern, jobName.hint).optional(),
        limit: wholeNumber(1, 1000).default(100),
        before: z.string().max(64).optional().describe('Only those older than this execution'),
      }),
    )
    .output(z.array(JobExecution)),
  get: procedure
    .meta(read)
    .route({ method: 'GET', path: '/projects/{project}/executions/{execution}', summary: 'Describe an execution', tags })
    .input(InExecution)
    .output(JobExecution),
  stop: procedure
    .meta(write)
    .route({
      method: 'POST',
      path: '/projects/{project}/executions/{execution}/stop',
      summary: 'Stop it: SIGTERM, then SIGKILL after 10 s; one that ended stays as it is',
      tags,
    })
    .input(InExecution)
    .output(JobExecution),
  rerun: procedure
    .meta(write)
    .route({
      method: 'POST',
      path: '/projects/{project}/executions/{execution}/rerun',
      successStatus: 201,
      summary: 'Execute again with exactly the same inputs',
      tags,
    })
    .input(InExecution)
    .output(JobExecution),
  log: procedure
    .meta(read)
    .route({
      method: 'GET',
      path: '/projects/{project}/executions/{execution}/log',
      summary: 'Its log from the first line, then live until it ends',
      tags,
    })
    .input(InExecution.extend({ after: wholeNumber(0).default(0).describe('The seq you saw last') }))
    .output(eventIterator(LogLine, Nothing)),
  usage: procedure
    .meta(read)
    .route({ method: 'GET', path: '/projects/{project}/executions/{execution}/usage', summary: 'CPU and memory over time', tags })
    .input(InExecution)
    .output(z.array(Usage)),
  results: procedure
    .meta(read)
    .route({ method: 'GET', path: '/projects/{project}/executions/{execution}/results', summary: 'The files it left, by path', tags })
    .input(
      InExecution.extend({
        after: ProjectPath.default('').describe('Only those behind this path'),
        limit: wholeNumber(1, 10_000).default(1000),
      }),
    )
    .output(Results),
};
