/** Makes a job of a program, or changes the one it has, and executes it. */
import { localFolder } from '@bine/client/node/local-folder';
import { sendSnapshot } from '@bine/client/node/send-snapshot';
import { takeSnapshot } from '@bine/client/node/snapshot';
import type { Compute, Job, JobExecution } from '@bine/shared';
import type { Client } from '../client.ts';
import { parseNotebook } from '../notebooks/notebook.ts';
import { contentPath } from '../project-files.ts';
import type { Report } from '../steps.ts';
import { defaultEnvironment, jobNameFor } from './job-name.ts';
import type { NamedProgram } from './program.ts';

/** What was said; the rest stays as the job has it. */
type Wishes = {
  name?: string | undefined;
  environment?: string | undefined;
  compute: Partial<Compute>;
  arguments?: string[] | undefined;
  parameters?: Job['parameters'] | undefined;
  variables?: Record<string, string> | undefined;
  /** Of the job, too: its schedules need them as well. */
  secrets?: Job['secrets'] | undefined;
};

type Running = { client: Client; program: NamedProgram; wishes: Wishes; signal: AbortSignal; report: Report };

export async function runJob({ client, program, wishes, signal, report }: Running): Promise<JobExecution> {
  const { project, local } = program;
  const snapshot = local ? await snapshotOf(client, program, { signal, report }) : null;
  report('submitting');
  const job = await ensureJob(client, program, wishes);
  return client.api.jobs.run({
    project,
    job: job.name,
    ...snapshot,
    ...(local?.git && { git: local.git }),
    ...(wishes.arguments && { arguments: wishes.arguments }),
    ...(wishes.parameters && { parameters: wishes.parameters }),
    ...(wishes.variables && { variables: wishes.variables }),
    idempotencyKey: crypto.randomUUID(),
  });
}

/** What the program's folder holds, which the gateway then has, and what was left out of it. */
async function snapshotOf(
  client: Client,
  { project, path, local }: NamedProgram,
  { signal, report }: { signal: AbortSignal; report: Report },
): Promise<{ snapshot: string; warnings: string[] }> {
  const folder = localFolder(local!.root);
  const taken = await takeSnapshot({ folder, program: path, signal, report: (files) => report(`${files} files read`) });
  const gateway = { create: client.api.snapshots.create, fetch: client.fetch };
  const snapshot = await sendSnapshot(gateway, taken, { project, signal, report: (sent, of) => report(`${sent} of ${of} files sent`) });
  return { snapshot, warnings: taken.warnings };
}

/** The program's job, with environment and compute as they are wanted now. Arguments are of the execution, and of a job that is new. */
async function ensureJob({ api, fetch }: Client, { project, path, local }: NamedProgram, wishes: Wishes): Promise<Job> {
  const jobs = await api.jobs.list({ project });
  const name = wishes.name ?? jobNameFor(path, jobs);
  const known = jobs.find((job) => job.name === name);
  const environment = wishes.environment ?? (known?.path === path ? known.environment : ((await named()) ?? defaultEnvironment(jobs)));

  /** The one that the notebook itself names. */
  async function named(): Promise<string | undefined> {
    if (!path.endsWith('.ipynb')) return undefined;
    const text = local
      ? await (await localFolder(local.root).read(path)).text()
      : await (await fetch(contentPath({ project, path }))).text();
    return parseNotebook(text, path).metadata.bine?.environment;
  }

  const compute = { ...known?.compute, ...wishes.compute };
  const secrets = wishes.secrets ?? known?.secrets ?? [];
  const isSame = known && JSON.stringify([known.compute, known.secrets]) === JSON.stringify([compute, secrets]);
  if (isSame && known.path === path && known.environment === environment) return known;
  return api.jobs.put({
    project,
    job: name,
    path,
    environment,
    compute,
    arguments: known?.arguments ?? wishes.arguments ?? [],
    parameters: known?.parameters ?? wishes.parameters ?? {},
    variables: known?.variables ?? wishes.variables ?? {},
    secrets,
    ...(known && { keep: known.keep }),
  });
}
