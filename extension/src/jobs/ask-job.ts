/** "Run as Job…": environment, compute, arguments and time, one question each, with a way back and the last choice first. */
import type { Compute, Environment, Secret } from '@bine/shared';
import { secretChoices } from '../secrets/choose.ts';
import type { Choice as Answer, Step } from '../vs/ask.ts';
import { askTextOrBack, pickManyOrBack, pickOrBack } from '../vs/ask.ts';
import { type Choice, usualCompute } from './choices.ts';
import { limits } from './describe.ts';
import type { Program } from './program.ts';
import { formatParameters, joinWords, parseParameters, splitWords } from './words.ts';

/** null: now, once. */
export type When = { cron: string; timezone: string } | null;
export type Asked = { choice: Choice; when: When };

/** What can be chosen in the project. */
type Known = { environments: Promise<readonly Environment[]>; secrets: readonly Secret[] };

type Question = (asked: Asked, step: Omit<Step, 'placeholder'>) => Promise<Asked | null>;

/** @throws Problem cancelled */
export async function askJob(program: Program, before: Choice, { environments, secrets }: Known): Promise<Asked> {
  const choices = secretChoices(secrets, before.secrets);
  const questions: Question[] = [
    askEnvironment(environments),
    askCompute,
    program.isNotebook ? askParameters : askArguments,
    // Where there are none, there is nothing to choose: they are made in the project's menu.
    ...(choices.length > 0 ? [askSecrets(secrets)] : []),
    askWhen,
  ];
  const answers: Asked[] = [{ choice: before, when: null }];
  while (answers.length <= questions.length) {
    const step = answers.length;
    const asked = await questions[step - 1]!(answers.at(-1)!, { title: `Run ${program.name} as Job`, step, totalSteps: questions.length });
    if (asked) answers.push(asked);
    else answers.pop();
  }
  return answers.at(-1)!;
}

/** The one chosen before comes first, where Enter takes it. */
function firstly<T>(choices: readonly Answer<T>[], isBefore: (value: T) => boolean, word = 'last time'): Answer<T>[] {
  const mark = (choice: Answer<T>) =>
    isBefore(choice.value) ? { ...choice, description: [choice.description, word].filter(Boolean).join(' · ') } : choice;
  return [...choices].sort((a, b) => Number(isBefore(b.value)) - Number(isBefore(a.value))).map(mark);
}

const askEnvironment =
  (environments: Promise<readonly Environment[]>): Question =>
  async ({ choice, when }, step) => {
    const choices = environments.then((all) => {
      const each = all.map(({ name, title, description, state }) => ({
        label: title,
        description: [name, ...(state === 'ready' ? [] : ['built first'])].join(' · '),
        detail: description,
        value: name,
      }));
      return firstly(each, (name) => name === choice.environment);
    });
    const environment = await pickOrBack<string>(choices, { ...step, placeholder: 'In which environment?' });
    return environment === null ? null : { choice: { ...choice, environment }, when };
  };

const sizes: readonly Compute[] = [
  usualCompute,
  { ...usualCompute, cores: 2, memory: 4096 },
  { ...usualCompute, cores: 4, memory: 8192 },
  { ...usualCompute, cores: 8, memory: 16_384 },
];
const same = (a: Compute) => (b: Compute | null) => b !== null && limits(a) === limits(b);

const askCompute: Question = async ({ choice, when }, step) => {
  const all = sizes.some(same(choice.compute)) ? sizes : [choice.compute, ...sizes];
  const choices: Answer<Compute | 'other'>[] = [
    ...firstly(
      all.map((value) => ({ label: limits(value), value })),
      same(choice.compute),
    ),
    { label: 'Configure…', description: 'cores, memory, GPUs, timeout', value: 'other' },
  ];
  for (;;) {
    const compute = await pickOrBack<Compute | 'other'>(choices, { ...step, placeholder: 'How much of the machine may it use?' });
    if (compute === null) return null;
    const configured = compute === 'other' ? await configure(choice.compute, step.title) : compute;
    if (configured) return { choice: { ...choice, compute: configured }, when };
  }
};

/** null: back to the choices. */
async function configure({ cores, memory, gpus, timeout }: Compute, title: string): Promise<Compute | null> {
  const text = await askTextOrBack({
    title,
    prompt: 'Cores, memory in GiB, GPUs, and minutes after which it is ended (0: never)',
    value: `cores=${cores} memory=${memory / 1024} gpus=${gpus} minutes=${(timeout ?? 0) / 60}`,
    problem: (text) => problemOf(() => parseCompute(text)),
  });
  return text === null ? null : parseCompute(text);
}

/** @throws TypeError that says what is expected */
export function parseCompute(text: string): Compute {
  const limit = { cores: [0.1, 1024], memory: [0.125, 4096], gpus: [0, 64], minutes: [0, 43_200] } as const;
  const said = { cores: 1, memory: 2, gpus: 0, minutes: 0 };
  for (const [name, value] of Object.entries(parseParameters(text))) {
    const range = limit[name as keyof typeof limit];
    if (!range) throw new TypeError(`There is no "${name}". Say cores, memory, gpus or minutes.`);
    const [least, greatest] = range;
    if (typeof value !== 'number' || value < least || value > greatest)
      throw new TypeError(`${name} must be a number from ${least} to ${greatest}.`);
    said[name as keyof typeof said] = value;
  }
  if (!Number.isInteger(said.gpus)) throw new TypeError('gpus must be a whole number.');
  const seconds = Math.round(said.minutes * 60);
  return { cores: said.cores, memory: Math.round(said.memory * 1024), gpus: said.gpus, timeout: seconds || null };
}

const askArguments: Question = async ({ choice, when }, step) => {
  const text = await askTextOrBack({
    ...step,
    prompt: 'Arguments of the program; Enter to go on',
    placeholder: '--epochs 3 --name "first try"',
    value: joinWords(choice.arguments),
    problem: (text) => problemOf(() => splitWords(text)),
  });
  return text === null ? null : { choice: { ...choice, arguments: splitWords(text) }, when };
};

const askParameters: Question = async ({ choice, when }, step) => {
  const text = await askTextOrBack({
    ...step,
    prompt: "Parameters, which go into the notebook behind its cell tagged 'parameters'; Enter to go on",
    placeholder: 'month=3 region="north west"',
    value: formatParameters(choice.parameters),
    problem: (text) => problemOf(() => parseParameters(text)),
  });
  return text === null ? null : { choice: { ...choice, parameters: parseParameters(text) }, when };
};

const askSecrets =
  (secrets: readonly Secret[]): Question =>
  async ({ choice, when }, step) => {
    const chosen = await pickManyOrBack(secretChoices(secrets, choice.secrets), {
      ...step,
      placeholder: 'Which secrets does it get? Enter to go on',
    });
    return chosen === null ? null : { choice: { ...choice, secrets: chosen.map(({ use }) => use) }, when };
  };

const askWhen: Question = async ({ choice }, step) => {
  const { timeZone: timezone } = Intl.DateTimeFormat().resolvedOptions();
  const every = (label: string, cron: string) => ({ label, description: cron, value: cron });
  for (;;) {
    const cron = await pickOrBack<string>(
      [
        { label: '$(play) Now', value: 'now' },
        every('$(calendar) Every hour', '0 * * * *'),
        every('$(calendar) Every day at 06:00', '0 6 * * *'),
        every('$(calendar) Every weekday at 06:00', '0 6 * * 1-5'),
        every('$(calendar) Every Monday at 06:00', '0 6 * * 1'),
        { label: 'Other Times…', description: 'as cron writes them', value: 'other' },
      ],
      { ...step, placeholder: `When? Times are those of ${timezone}` },
    );
    if (cron === null) return null;
    if (cron === 'now') return { choice, when: null };
    const said = cron === 'other' ? await askCron(step.title) : cron;
    if (said !== null) return { choice, when: { cron: said, timezone } };
  }
};

function askCron(title: string): Promise<string | null> {
  return askTextOrBack({
    title,
    prompt: 'Minute, hour, day, month, weekday',
    value: '30 7 * * 1-5',
    problem: (text) =>
      /^\s*(\S+\s+){4,5}\S+\s*$/.test(text) ? undefined : 'Write five fields, as 30 7 * * 1-5: at 07:30 from Monday to Friday.',
  });
}

function problemOf(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
