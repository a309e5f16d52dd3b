/** `bine quickstart` */
import { resolve } from 'node:path';
import { untilBuilt } from '../builds.ts';
import type { Client } from '../client.ts';
import { clientOf, ensureGateway } from '../gateway/ensure.ts';
import { codeCells, hasRun } from '../notebooks/notebook.ts';
import { openNotebook, runNotebook } from '../notebooks/run-notebook.ts';
import { Problem } from '@bine/shared/problems';
import { upload } from '../project-files.ts';
import { formatDuration } from '../terminal.ts';
import { defineVerb, type Context } from '../verb.ts';
import { showCell } from './run.ts';

const sample = resolve(import.meta.dirname, '../../../samples/quickstart');
const project = 'quickstart';
const notebooks = ['1-features.ipynb', '2-training.ipynb', '3-inference.ipynb'];

export const quickstart = defineVerb<object>({
  summary: 'Set everything up and run the sample project; does only what is missing',
  examples: [['', 'on a bare machine: container engine, gateway, environments, and three notebooks that run']],
  async run(context) {
    const began = Date.now();
    const { gateway } = await ensureGateway(context);
    const client = await clientOf(context);
    await createSample(client, context);
    for (const path of notebooks) await runOnce(client, path, context);
    sayGoodbye(context, gateway.url, Date.now() - began);
  },
});

/** A project of that name that is there already is the user's; it is filled only if this call created it. */
async function createSample(client: Client, { step, signal }: Context): Promise<void> {
  const { api } = client;
  const there = (await api.projects.list({})).some(({ name }) => name === project);
  const files = there ? await api.files.list({ project, path: '' }) : [];
  if (files.some(({ path }) => path === notebooks.at(-1))) return;
  await step('Sample project', async (report) => {
    if (!there) await api.projects.create({ name: project, description: 'The sex of a penguin: features, training, inference' });
    const copying = { client, signal, report };
    // The notebooks come last: they are the sign that everything is there.
    for (const name of ['README.md', 'data', ...notebooks]) await upload(resolve(sample, name), { project, path: '' }, copying);
    return project;
  });
}

async function runOnce(client: Client, path: string, { step, terminal, signal }: Context): Promise<void> {
  const { notebook } = await openNotebook(client, project, path);
  if (hasRun(notebook)) return terminal.say(`${terminal.style('green', '✓')} ${path}: already run`);
  const environment = notebook.metadata.bine?.environment;
  if (!environment) throw new Problem('invalid', `${path} names no environment.`);
  const state = (await client.api.environments.get({ project, environment })).state;
  if (state !== 'ready') {
    await step(`Environment ${environment}`, async (report) => {
      await untilBuilt(client, { project, environment }, ({ text }) => report(text));
      return 'built';
    });
  }
  await step(path, async (report) => {
    const ran = await runNotebook({
      client,
      project,
      path,
      environment,
      signal,
      report,
      onCell: (cell, execution) => {
        if (terminal.live) terminal.redraw('');
        showCell(cell, execution, terminal);
      },
    });
    const failed = ran.find(({ state }) => state === 'failed');
    if (failed) throw new Problem('conflict', `A cell of ${path} failed: ${failed.error?.name}: ${failed.error?.value}`);
    return `${codeCells(notebook).length} cells`;
  });
}

function sayGoodbye({ terminal, command }: Context, url: string, ms: number): void {
  const { style } = terminal;
  terminal.print('');
  terminal.print(`${style('bold', 'Bine is ready.')} Gateway at ${url} (${formatDuration(ms)})`);
  terminal.print(`  Open it in VS Code   ${command} code ${project}`);
  terminal.print(`  See what runs        ${command} status`);
  terminal.print(`  Stop                 ${command} down`);
}
