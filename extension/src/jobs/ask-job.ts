/** "Run as Job…": environment, compute, arguments and time, one question each, with a way back and the last choice first. */
import type { Compute, Environment, Secret } from '@bine/shared';
import { secretChoices } from '../secrets/choose.ts';
import type { Choice as Answer, Step } from '../vs/ask.ts';
import { askTextOrBack, pickManyOrBack, pickOrBack } from '../vs/ask.ts';
import { type When, askWhen } from './ask-when.ts';
import type { Choice } from './choices.ts';
import { type Most, fits, parseCompute, same, sizesFor } from './compute.ts';
import { limits } from './describe.ts';
import type { Program } from './program.ts';
import { formatParameters, joinWords, parseParameters, splitWords } from './words.ts';

export type Asked = { choice: Choice; when: When };

/** What can be chosen in the project. */
type Known = { environments: Promise<readonly Environment[]>; secrets: readonly Secret[]; most: Most };

export type Question = (asked: Asked, step: Omit<Step, 'placeholder'>) => Promise<Asked | null>;

/** @throws Problem cancelled */
export async function askJob(program: Program, before: Asked, { environments, secrets, most }: Known): Promise<Asked> {
  const choices = secretChoices(secrets, before.choice.secrets);
  const questions: Question[] = [
    askEnvironment(environments),
    askCompute(most),
    program.isNotebook ? askParameters : askArguments,
    // Where there are none, there is nothing to choose: they are made in the project's menu.
    ...(choices.length > 0 ? [askSecrets(secrets)] : []),
    askTime,
  ];
  const answers: Asked[] = [before];
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

const askCompute =
  (most: Most): Question =>
  async ({ choice, when }, step) => {
    const offered = sizesFor(most);
    const all = offered.some(same(choice.compute)) || !fits(most)(choice.compute) ? offered : [choice.compute, ...offered];
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
      const configured = compute === 'other' ? await configure(choice.compute, { title: step.title, most }) : compute;
      if (configured) return { choice: { ...choice, compute: configured }, when };
    }
  };

/** null: back to the choices. */
async function configure(
  { cores, memory, gpus, timeout }: Compute,
  { title, most }: { title: string; most: Most },
): Promise<Compute | null> {
  const has = [`${most.cores} cores`, `${Number((most.memory / 1024).toFixed(1))} GiB`, `${most.gpus} GPUs`].join(', ');
  const text = await askTextOrBack({
    title,
    prompt: `Cores, memory in GiB, GPUs, and minutes after which it is ended (0: never). At most ${has}`,
    value: `cores=${cores} memory=${memory / 1024} gpus=${gpus} minutes=${(timeout ?? 0) / 60}`,
    problem: (text) => problemOf(() => parseCompute(text, most)),
  });
  return text === null ? null : parseCompute(text, most);
}

export const askArguments: Question = async ({ choice, when }, step) => {
  const text = await askTextOrBack({
    ...step,
    prompt: 'Arguments of the program',
    placeholder: '--epochs 3 --name "first try"',
    value: joinWords(choice.arguments),
    problem: (text) => problemOf(() => splitWords(text)),
  });
  return text === null ? null : { choice: { ...choice, arguments: splitWords(text) }, when };
};

export const askParameters: Question = async ({ choice, when }, step) => {
  const text = await askTextOrBack({
    ...step,
    prompt: "Parameters, which go into the notebook behind its cell tagged 'parameters'",
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

const askTime: Question = async ({ choice, when: before }, step) => {
  const when = await askWhen({ ...step, now: true, before });
  return when === undefined ? null : { choice, when };
};

function problemOf(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
