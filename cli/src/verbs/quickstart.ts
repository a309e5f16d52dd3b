/** `bine quickstart` */
import { resolve } from 'node:path';
import { untilBuilt } from '../builds.ts';
import type { Client } from '../client.ts';
import { clientOf, ensureGateway } from '../gateway/ensure.ts';
import { listFolder } from '@bine/client/list-folder';
import { createLeftOut } from '@bine/client/node/left-out';
import type { JobExecution } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { inExecution, isOver, outcome } from '../jobs/executions.ts';
import { followLog, readLog } from '../jobs/log.ts';
import { runJob } from '../jobs/run-job.ts';
import { upload } from '../project-files.ts';
import { formatBytes, formatDuration } from '../terminal.ts';
import { reportWhile } from '../steps.ts';
import { defineVerb, type Context } from '../verb.ts';
import { prepareBrowser } from '../vscode/browser.ts';
import { findDesktop } from '../vscode/desktop.ts';
import { packageExtension } from '../vscode/vsix.ts';

const sample = resolve(import.meta.dirname, '../../../samples/quickstart');
const project = 'quickstart';
const notebooks = ['1-features.ipynb', '2-training.ipynb', '3-inference.ipynb'];

export const quickstart = defineVerb<object>({
  summary: 'Set everything up and run the sample project; does only what is missing',
  examples: [['', 'on a bare machine: container engine, gateway, environments, and three notebooks that run as jobs']],
  async run(context) {
    const began = Date.now();
    await using editor = prepareEditor(context);
    const { gateway } = await ensureGateway(context);
    const client = await clientOf(context);
    await createSample(client, context);
    for (const path of notebooks) await runOnce(client, path, context);
    await editor.done();
    sayGoodbye(context, gateway.url, Date.now() - began);
  },
});

type Preparation = AsyncDisposable & { done(): Promise<void> };

/** What `bine code` needs where there is no desktop VS Code: installed at low priority while environments are built. */
function prepareEditor({ host, home, step, terminal, command, signal: whole }: Context): Preparation {
  const stop = new AbortController();
  const signal = AbortSignal.any([whole, stop.signal]);
  let doing = '';
  const run = { env: host.env, signal, report: (line: string) => (doing = line) };
  const work = (async () => {
    if (await findDesktop(host.env)) return null;
    await prepareBrowser(home, await packageExtension(home, run), run);
    return null;
  })().catch((error: Error) => error);
  return {
    async done() {
      const early = await Promise.race([work, Promise.resolve('busy' as const)]);
      const failure = early === 'busy' ? await step('VS Code in the browser', (report) => reportWhile(work, report, () => doing)) : early;
      whole.throwIfAborted();
      if (failure) terminal.say(`VS Code is not ready yet; "${command} code" tries again. ${failure.message}`);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await work;
    },
  };
}

/** A project of that name that is there already is the user's; it is filled only if this call created it. */
async function createSample(client: Client, { step, signal }: Context): Promise<void> {
  const { api } = client;
  const there = (await api.projects.list({})).some(({ name }) => name === project);
  const files = there ? (await listFolder(api.files, { project, path: '' }, { signal })).entries : [];
  if (files.some(({ path }) => path === notebooks.at(-1))) return;
  await step('Sample project', async (report) => {
    if (!there) await api.projects.create({ name: project, description: 'The sex of a penguin: features, training, inference' });
    const copying = { client, signal, report, leftOut: createLeftOut() };
    // The notebooks come last: they are the sign that everything is there.
    for (const name of ['README.md', 'data', ...notebooks]) await upload(resolve(sample, name), { project, path: '' }, copying);
    return project;
  });
}

/** As a job, whose latest execution tells whether that was done before. */
async function runOnce(client: Client, path: string, context: Context): Promise<void> {
  const { step, terminal, signal } = context;
  const [job] = (await client.api.jobs.list({ project })).filter((each) => each.path === path);
  if (job?.last?.state === 'succeeded') {
    terminal.say(`${terminal.style('green', '✓')} ${path}: already run, ${outcome(job.last)}`);
    return;
  }
  await step(path, async (report) => {
    const program = { project, path, local: null };
    const under = job?.last && !isOver(job.last) ? job.last : null;
    const one = under ?? (await runJob({ client, program, wishes: { compute: {} }, signal, report }));
    // On first use its environment is built for minutes, in which the job is queued and has no log.
    await untilBuilt(client, { project, environment: one.inputs.environment }, ({ text }) => report(`building its environment: ${text}`));
    report('starting');
    const ended = await followLog(client, inExecution(one), { signal, onLine: ({ text }) => report(text.trim()) });
    if (ended.state !== 'succeeded') throw await failureOf(client, ended, context);
    return `${outcome(ended)}${(await filesSince(client, ended)).map((file) => `\n    ${file}`).join('')}`;
  });
}

/** With the last words of its log, which say more than its exit code. */
async function failureOf(client: Client, ended: JobExecution, { signal, command }: Context): Promise<Problem> {
  const lines: string[] = [];
  await readLog(client, ended, { signal, onLine: ({ text }) => lines.push(`  ${text.trimEnd()}`) });
  const hint = `"${command} job logs ${ended.job} -p ${project}" shows all of it`;
  return new Problem('conflict', `${ended.inputs.path} ${outcome(ended)}; ${hint}.\n${lines.slice(-8).join('\n')}`);
}

/** What it wrote: files of the project that changed since it began. */
async function filesSince({ api }: Client, ended: JobExecution): Promise<string[]> {
  const written: string[] = [];
  async function look(folder: string): Promise<void> {
    const { entries } = await listFolder(api.files, { project, path: folder });
    for (const { path, type, size, modified } of entries) {
      if (type === 'directory') await look(path);
      else if (type === 'file' && modified >= ended.started!) written.push(`${path}  ${formatBytes(size)}`);
    }
  }
  await look('');
  return written;
}

function sayGoodbye({ terminal, command }: Context, url: string, ms: number): void {
  const { style } = terminal;
  terminal.print('');
  terminal.print(`${style('bold', 'Bine is ready.')} Gateway at ${url} (${formatDuration(ms)})`);
  terminal.print(`  Open it in VS Code   ${command} code ${project}`);
  terminal.print(`  See what runs        ${command} status`);
  terminal.print(`  Stop                 ${command} down`);
}
