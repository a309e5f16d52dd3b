/** `bine job results` */
import { openAsBlob } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ifThere } from '@bine/client/node/if-there';
import { planSaving } from '@bine/client/node/save-results';
import type { JobExecution, Result } from '@bine/shared';
import { executionResult } from '@bine/shared';
import type { Client } from '../client.ts';
import { findExecution, inExecution } from '../jobs/executions.ts';
import { saveAnswer } from '../project-files.ts';
import { formatAge, formatBytes, nameText } from '../terminal.ts';
import { defineVerb, type Context } from '../verb.ts';

type Input = { execution: string; project: string; into?: string; overwrite?: boolean };

export const resultsVerb = defineVerb<Input>({
  summary: 'List the files that an execution left, or save them into a folder of this machine',
  examples: [
    ['train -p churn', 'of the latest execution of a job'],
    ['train -p churn --into .', 'back into the folder that the job was run from; what you changed since stays'],
    ['train/3 -p churn --into out --overwrite', 'of the third one, also over what is there'],
  ],
  arguments: [{ name: 'execution', summary: 'JOB (its latest), JOB/NUMBER, or an id' }],
  options: [
    { flags: '-p, --project <project>', summary: 'Project', required: true },
    { flags: '--into <dir>', summary: 'Save them there' },
    { flags: '--overwrite', summary: 'Also over files that were changed since the job was run' },
  ],
  json: true,
  async run(context, { execution, project, into, overwrite = false }) {
    const client = await context.client();
    const one = await findExecution(client, project, execution);
    const results = await resultsOf(client, one);
    if (into !== undefined) return save(context, { client, one, results, into, overwrite });
    if (context.json) context.terminal.printJson(results);
    else show(context, one, results);
    return 0;
  },
});

async function resultsOf({ api }: Client, one: JobExecution): Promise<Result[]> {
  const all: Result[] = [];
  for (;;) {
    const { results, total } = await api.executions.results({ ...inExecution(one), after: all.at(-1)?.path ?? '', limit: 10_000 });
    all.push(...results);
    if (results.length === 0 || all.length >= total) return all;
  }
}

function show({ terminal }: Context, one: JobExecution, results: readonly Result[]): void {
  const row = ({ path, size, modified, source, before }: Result) => {
    const how = source === 'results' ? '' : before === null ? 'new in its folder' : 'changed in its folder';
    return [path, formatBytes(size), formatAge(modified), how];
  };
  terminal.printTable(['path', 'size', 'written', ''], results.map(row), `${one.job}/${one.number} left no files.`);
}

type Saving = { client: Client; one: JobExecution; results: Result[]; into: string; overwrite: boolean };

async function save({ step, terminal, json, signal }: Context, { client, one, results, into, overwrite }: Saving): Promise<number> {
  const fetch = ({ path }: Result) => client.fetch(resultPath(one, path));
  const { saved, changed, same } = await step(`Saving into ${into}`, async (report) => {
    const read = (path: string) => readLocal(join(into, path));
    const plan = await planSaving({ results: results.map((result) => ({ result, path: result.path })), read, fetch, signal });
    const chosen = overwrite ? [...plan.free, ...plan.changed] : plan.free;
    for (const { result, path } of chosen) {
      report(path);
      await mkdir(dirname(join(into, path)), { recursive: true });
      await saveAnswer(await fetch(result), join(into, path), { signal });
    }
    const paths = (list: typeof chosen) => list.map(({ path }) => path);
    return { saved: paths(chosen), changed: overwrite ? [] : paths(plan.changed), same: paths(plan.same) };
  });
  if (json) terminal.printJson({ saved, changed, same });
  else for (const path of saved) terminal.print(nameText(path));
  if (saved.length === 0 && changed.length === 0)
    terminal.say(results.length === 0 ? 'It left no files.' : 'All of them are there already.');
  if (changed.length === 0) return 0;
  terminal.say(`Not saved, because they were changed here since: ${changed.map(nameText).join(', ')}. Save over them with --overwrite.`);
  return 1;
}

function resultPath({ project, id }: JobExecution, path: string): string {
  const route = executionResult.path.replace('{project}', project).replace('{execution}', id);
  return `${route}?${new URLSearchParams({ path }).toString()}`;
}

async function readLocal(path: string): Promise<Blob | null> {
  const there = await ifThere(stat(path));
  return there && openAsBlob(path);
}
