/** `bine job …` */
import { contract } from '@bine/shared';
import type { Job, JobExecution } from '@bine/shared';
import { exitCodeOf, findExecution, inExecution, isOver, outcome } from '../jobs/executions.ts';
import { followLog, lineWriter, readLog, untilOver } from '../jobs/log.ts';
import { procedureVerb } from '../procedure-verb.ts';
import { formatAge, formatBytes } from '../terminal.ts';
import { defineVerb, type Context, type Group } from '../verb.ts';
import { runVerb } from './job-run.ts';
import { resultsVerb } from './job-results.ts';
import { schedule } from './job-schedule.ts';

const inProject = { flags: '-p, --project <project>', summary: 'Project', required: true } as const;
const which = { name: 'execution', summary: 'JOB (its latest), JOB/NUMBER, or an id' } as const;
type Which = { execution: string; project: string };
type JobWithLast = Job & { last: JobExecution | null };

/** So many results are listed. */
const shown = 10_000;

function showJobs(all: readonly JobWithLast[], { terminal, command }: Context): void {
  const row = ({ name, project, path, environment, last }: JobWithLast) => [
    name,
    project,
    path,
    environment,
    last ? outcome(last) : 'never executed',
    last ? formatAge(last.submitted) : '',
  ];
  const empty = `There are no jobs. "${command} job run FILE --project PROJECT" makes one.`;
  terminal.printTable(['name', 'project', 'program', 'environment', 'last execution', 'when'], all.map(row), empty);
}

function showExecutions(all: readonly JobExecution[], { terminal }: Context): void {
  const row = (one: JobExecution) => [`${one.job}/${one.number}`, outcome(one), one.trigger, one.user, formatAge(one.submitted), one.id];
  terminal.printTable(['execution', 'outcome', 'by', 'user', 'submitted', 'id'], all.map(row), 'It was never executed.');
}

async function showOne(context: Context, one: JobExecution): Promise<void> {
  const { terminal } = context;
  const { results, total, unnameable } = await (await context.client()).api.executions.results({ ...inExecution(one), limit: shown });
  if (context.json) return terminal.printJson({ ...one, results, total, unnameable });
  const { compute, git, snapshot } = one.inputs;
  const lines: [string, string][] = [
    ['program', [one.inputs.path, ...one.inputs.arguments].join(' ')],
    ['environment', one.inputs.environment + (one.inputs.revision === null ? '' : `, revision ${one.inputs.revision}`)],
    [
      'limits',
      `${compute.cores} ${compute.cores === 1 ? 'core' : 'cores'}, ${compute.memory} MiB${compute.timeout === null ? '' : `, ${compute.timeout} s`}`,
    ],
    ...(one.inputs.secrets.length > 0 ? [['secrets', one.inputs.secrets.map(({ name }) => name).join(' ')] as [string, string]] : []),
    ['files', snapshot ? `snapshot ${snapshot.slice(0, 12)}` : 'the project as it was'],
    ...(git ? [['commit', git.commit.slice(0, 12) + (git.dirty ? ' with changes' : '')] as [string, string]] : []),
    ['by', `${one.user} (${one.trigger}), ${formatAge(one.submitted)}`],
    ...one.warnings.map((warning): [string, string] => ['warning', warning]),
    ...results.map(({ path, size }): [string, string] => ['result', `${path}  ${formatBytes(size)}`]),
    ...(total > results.length ? [['', `and ${total - results.length} more files`] as [string, string]] : []),
    ...unnameable.map((name): [string, string] => ['left out', `${JSON.stringify(name)}: no path can hold that name`]),
  ];
  terminal.print(`${terminal.style('bold', `${one.job}/${one.number}`)}  ${outcome(one)}`);
  for (const [name, value] of lines) terminal.print(`  ${name.padEnd(12)} ${value}`);
}

/** Acts on one execution, and tells what became of it. */
const onOne = (summary: string, why: string, act: (context: Context, one: JobExecution) => Promise<JobExecution>) =>
  defineVerb<Which>({
    summary,
    examples: [
      ['train -p churn', why],
      ['train/3 -p churn', 'the third one'],
    ],
    arguments: [which],
    options: [inProject],
    json: true,
    async run(context, { execution, project }) {
      const one = await act(context, await findExecution(await context.client(), project, execution));
      if (context.json) context.terminal.printJson(one);
      else context.terminal.say(`${one.job}/${one.number}: ${outcome(one)}`);
    },
  });

export const job: Group = {
  verbs: {
    run: runVerb,
    list: defineVerb<{ project?: string }>({
      summary: 'List jobs with what became of their last execution',
      examples: [
        ['', 'in all your projects'],
        ['-p churn --json', ''],
      ],
      options: [{ flags: '-p, --project <project>', summary: 'Only of this project' }],
      json: true,
      async run(context, { project }) {
        const { api } = await context.client();
        const projects = project ? [project] : (await api.projects.list({})).map(({ name }) => name);
        const all = (await Promise.all(projects.map((name) => api.jobs.list({ project: name })))).flat();
        if (context.json) context.terminal.printJson(all);
        else showJobs(all, context);
      },
    }),
    executions: procedureVerb({
      procedure: contract.executions.list,
      call: (api, input) => api.executions.list(input),
      examples: [
        ['-p churn', 'newest first'],
        ['-p churn --job train --limit 10', 'of one job'],
      ],
      show: showExecutions,
    }),
    show: defineVerb<Which>({
      summary: 'What became of an execution, what it ran on, and the files it left',
      examples: [
        ['train -p churn', 'the latest'],
        ['train/3 -p churn --json', 'the third one'],
      ],
      arguments: [which],
      options: [inProject],
      json: true,
      run: async (context, { execution, project }) => showOne(context, await findExecution(await context.client(), project, execution)),
    }),
    logs: defineVerb<Which & { follow?: boolean }>({
      summary: 'What an execution printed, and with -f what it prints until it ends',
      examples: [
        ['train -p churn -f', 'ends as the program does, with its exit code'],
        ['train/3 -p churn --json', 'each line with its time and stream'],
      ],
      arguments: [which],
      options: [inProject, { flags: '-f, --follow', summary: 'Go on until it ends' }],
      json: true,
      async run(context, { execution, project, follow = false }) {
        const client = await context.client();
        const one = await findExecution(client, project, execution);
        const { write, end } = lineWriter(context);
        const following = { signal: context.signal, onLine: write };
        try {
          if (follow) return exitCodeOf(await followLog(client, inExecution(one), following));
          await readLog(client, one, following);
          return 0;
        } finally {
          end();
        }
      },
    }),
    results: resultsVerb,
    stop: onOne('Stop an execution: SIGTERM, and SIGKILL 10 s later', 'the latest', async ({ client, step, signal }, one) => {
      const connected = await client();
      const stopping = await connected.api.executions.stop(inExecution(one));
      return isOver(stopping) ? stopping : step(`Stopping ${one.job}/${one.number}`, () => untilOver(connected, stopping, signal));
    }),
    rerun: onOne('Execute again with exactly the same files and inputs', 'as the latest', async (context, one) =>
      (await context.client()).api.executions.rerun(inExecution(one)),
    ),
    delete: procedureVerb({
      procedure: contract.jobs.delete,
      call: (api, input) => api.jobs.delete(input),
      arguments: ['job'],
      examples: [['train -p churn', '']],
      confirm: ({ job, project }) => `Delete the job ${job} of ${project} with the logs and results of all its executions?`,
      show: (_, { terminal }, { job }) => terminal.say(`Deleted ${job}.`),
    }),
    schedule,
  },
};
