/** `bine job run` */
import type { JobExecution, SecretUse } from '@bine/shared';
import { parseAssignment, parseParameter, type Assignment } from '../jobs/assignments.ts';
import { exitCodeOf, inExecution, outcome } from '../jobs/executions.ts';
import { followLog, lineWriter, untilOver } from '../jobs/log.ts';
import { findProgram } from '../jobs/program.ts';
import { runJob } from '../jobs/run-job.ts';
import { Problem } from '@bine/shared/problems';
import { hintOnVariables, secretOption } from '../secrets/secret-use.ts';
import { defineVerb, wholeNumber, type Context, type Option } from '../verb.ts';

type Input = {
  file: string;
  project?: string;
  args?: string[];
  name?: string;
  env?: string;
  cores?: number;
  memory?: number;
  gpus?: number;
  timeout?: number;
  var?: Assignment[];
  param?: Assignment[];
  secret?: SecretUse[];
  follow?: boolean;
  wait?: boolean;
};

const options: readonly Option[] = [
  { flags: '-p, --project <project>', summary: 'Project; not needed where FILE names it' },
  { flags: '--env <name>', summary: 'Environment, as in "env list" (default: as the last time, or as the notebook says)' },
  { flags: '--memory <N>', summary: 'Limit in MiB (default: 2048)', parse: wholeNumber(128, 4_194_304) },
  { flags: '--cores <N>', summary: 'Limit (default: 1)', parse: positive },
  { flags: '--gpus <N>', summary: 'How many (default: 0)', parse: wholeNumber(0, 64) },
  { flags: '--timeout <N>', summary: 'End it after so many seconds (default: never)', parse: wholeNumber(1, 2_592_000) },
  {
    flags: '--var <NAME=VALUE>',
    summary: 'An environment variable, which everybody in the project can read',
    parse: parseAssignment,
    many: true,
  },
  secretOption,
  {
    flags: '--param <NAME=VALUE>',
    summary: "A notebook's parameter; JSON where it can be read as such",
    parse: parseAssignment,
    many: true,
  },
  { flags: '--name <name>', summary: 'Of the job (default: after the file)' },
  { flags: '-f, --follow', summary: "Show its log until it ends, and end with the program's exit code" },
  { flags: '-w, --wait', summary: "Wait until it ends, and end with the program's exit code" },
];

export const runVerb = defineVerb<Input>({
  summary: 'Run a .py or .ipynb as a job: a file of this machine with the folder around it as it is now, or one of a project',
  examples: [
    ['train.py -p churn --follow', 'with the Git repository or the folder it is in; what .gitignore names stays here'],
    ['churn:pipelines/train.py --wait --memory 8192', 'as the project has it'],
    ['report.ipynb -p churn --param month=3', 'a notebook with parameters'],
    ['train.py -p churn -- --epochs 3', 'with arguments'],
    ['train.py -p churn --secret HF_TOKEN', 'with a secret of the project, or of yours'],
  ],
  arguments: [
    { name: 'file', summary: 'A path, or PROJECT:PATH' },
    { name: 'args', summary: 'Arguments of the program, after --', optional: true, many: true },
  ],
  options,
  json: true,
  async run(context, input) {
    const started = await start(context, input);
    const ended = await stay(context, started, input);
    // Whoever followed the log has read them there.
    if (!input.follow) for (const warning of (ended ?? started).warnings) context.terminal.say(`Warning: ${warning}`);
    if (context.json) context.terminal.printJson(ended ?? started);
    return ended ? exitCodeOf(ended) : 0;
  },
});

async function start(context: Context, input: Input): Promise<JobExecution> {
  const { signal, step, terminal } = context;
  const program = await findProgram(input.file, input.project, signal);
  const client = await context.client();
  const { name, env: environment, args, var: variables, param, secret } = input;
  const parameters = param && Object.fromEntries(param.map(([name, value]) => [name, parameterOf(name, value)]));
  const wishes = {
    name,
    environment,
    compute: computeOf(input),
    arguments: args?.length ? args : undefined,
    parameters,
    variables: variables && Object.fromEntries(variables),
    secrets: secret,
  };
  const hint = hintOnVariables(variables?.map(([variable]) => variable) ?? [], context.command, program.project);
  if (hint) terminal.say(hint);
  return step(
    input.file,
    (report) => runJob({ client, program, wishes, signal, report }),
    ({ job, number, state, cause }) => `${terminal.style('bold', `${job}/${number}`)} is ${state}${cause ? `: ${cause}` : ''}`,
  );
}

function parameterOf(name: string, value: string) {
  try {
    return parseParameter(value);
  } catch (error) {
    throw new Problem('invalid', `--param ${name}=${value}: ${(error as Error).message}`, { cause: error });
  }
}

/** What was said, and no defaults: those are the job's. */
function computeOf({ cores, memory, gpus, timeout }: Input) {
  return {
    ...(cores !== undefined && { cores }),
    ...(memory !== undefined && { memory }),
    ...(gpus !== undefined && { gpus }),
    ...(timeout !== undefined && { timeout }),
  };
}

/** null: nobody waits for its end. */
async function stay(context: Context, one: JobExecution, { follow, wait }: Input): Promise<JobExecution | null> {
  const { signal, terminal, step, command } = context;
  const name = `${one.job}/${one.number}`;
  const hint = () => terminal.say(`${name} goes on. Follow it with "${command} job logs ${name} -p ${one.project} -f".`);
  if (!follow && !wait) {
    if (!context.json) hint();
    return null;
  }
  const client = await context.client();
  signal.addEventListener('abort', hint, { once: true });
  try {
    if (!follow) return await step(name, () => untilOver(client, one, signal), outcome);
    // With --json the result alone is on stdout.
    const { write, end } = lineWriter(
      context.json ? { ...context, host: { ...context.host, stdout: context.host.stderr }, json: false } : context,
    );
    const ended = await followLog(client, inExecution(one), { signal, onLine: write }).finally(end);
    terminal.say(`${name} ${outcome(ended)}`);
    return ended;
  } finally {
    signal.removeEventListener('abort', hint);
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (value >= 0.1 && value <= 1024) return value;
  throw new TypeError('It must be a number from 0.1 to 1024.');
}
