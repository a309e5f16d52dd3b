/** "Run as Job": the code that is seen goes to the gateway, and its log opens. */
import { sendSnapshot } from '@bine/client/node/send-snapshot';
import { takeSnapshot } from '@bine/client/node/snapshot';
import type { Job, JobExecution } from '@bine/shared';
import type * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { toProblem } from '../connection/problem.ts';
import { withProgress, type Report } from '../vs/progress.ts';
import { type Choice, type Memory, jobFor } from './choices.ts';
import { type GitState, gitStateOf } from './git-state.ts';
import type { Program } from './program.ts';
import { saveProject, seenFolder, unsavedIn } from './seen-files.ts';

export type RunDeps = { connection: Connection; memory: Memory };

/** The files as they are seen now: of the project itself, or a snapshot that the gateway has. */
export type Prepared = { project: string; job: string; snapshot: string | null; git: GitState | null; warnings: string[] };

/** Everything up to the execution: files are where they are needed, and the job is as it was chosen. */
export function prepare(
  { connection, memory }: RunDeps,
  program: Program,
  target: { project: string; choice: Choice },
): Thenable<Prepared> {
  const { project, choice } = target;
  return withProgress(`Run ${program.name} as Job`, async (signal, report) => {
    const files = 'root' in program.place ? await bring(connection, program, program.place.root, { project, signal, report }) : null;
    if (!files) await saveProject(project);
    else await memory.rememberOrigin(files.snapshot, files.root);
    const job = await ensureJob(connection, program, target);
    await memory.rememberChoice(program.uri, choice);
    return { project, job, snapshot: files?.snapshot ?? null, git: files?.git ?? null, warnings: files?.warnings ?? [] };
  });
}

type Bringing = { project: string; signal: AbortSignal; report: Report };

async function bring(connection: Connection, { path }: Program, root: vscode.Uri, { project, signal, report }: Bringing) {
  const unsaved = await unsavedIn(root);
  const git = await gitStateOf(root, unsaved.size);
  const reading = (files: number) => files % 100 === 0 && report(`${files} files read`);
  const taken = await takeSnapshot({ folder: seenFolder(root), program: path, unsaved, signal, report: reading });
  const gateway = {
    create: connection.client.snapshots.create,
    fetch: (path: string, init: RequestInit) => connection.fetch(path, init),
  };
  const snapshot = await sendSnapshot(gateway, taken, {
    project,
    signal,
    report: (sent, of) => report(`${sent} of ${of} files sent`, sent / of),
  });
  return { snapshot, git, root, warnings: taken.warnings };
}

async function ensureJob(
  connection: Connection,
  { path }: Program,
  { project, choice }: { project: string; choice: Choice },
): Promise<string> {
  const jobs: Job[] = await connection.client.jobs.list({ project });
  const { name, change } = jobFor(path, choice, jobs);
  const known = jobs.find((job) => job.name === name);
  if (change) {
    const kept = known && { variables: known.variables, keep: known.keep };
    await connection.client.jobs.put({ project, job: name, path, ...kept, ...change });
  }
  return name;
}

/** The key makes it the same execution, however often a lost connection makes us ask. */
export async function execute({ connection }: RunDeps, { project, job, snapshot, git, warnings }: Prepared): Promise<JobExecution> {
  const input = { project, job, ...(snapshot && { snapshot }), ...(git && { git }), warnings, idempotencyKey: crypto.randomUUID() };
  try {
    return await connection.client.jobs.run(input);
  } catch (error) {
    if (toProblem(error).code !== 'timeout') throw error;
    return connection.client.jobs.run(input);
  }
}
