/** From words to a verb: commander parses and writes the help, the table says what there is; one catch gives the exit code. */
import { createInterface } from 'node:readline/promises';
import { Argument as CommanderArgument, Command, CommanderError, Option as CommanderOption } from 'commander';
import { readHome } from '@bine/gateway/config';
import { terminalText } from '@bine/client/terminal-text';
import { Problem, problemBody } from '@bine/shared/problems';
import manifest from '../package.json' with { type: 'json' };
import { createSteps } from './steps.ts';
import { table } from './table.ts';
import { createTerminal, jsonText, type Host } from './terminal.ts';
import { isGroup, type Context, type Group, type Input, type Option, type Verb } from './verb.ts';

/** 0 done, 1 it failed, 2 wrong usage, 130 interrupted (by SIGTERM 143, by SIGHUP 129). */
export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** The verb's own exit code travels out of commander's callbacks by this. */
type Outcome = { code: number };

export async function runCommandLine(argv: readonly string[], host: Host): Promise<number> {
  const outcome: Outcome = { code: exitCodes.done };
  const json = argv.includes('--json');
  try {
    const program = await createProgram(argv, host, outcome);
    await program.parseAsync(argv, { from: 'user' });
    return outcome.code;
  } catch (error) {
    return explain(error, { host, json });
  }
}

/** Only the named entry is loaded; the others are there for the help. */
async function createProgram(argv: readonly string[], host: Host, outcome: Outcome): Promise<Command> {
  const name = host.env.BINE_COMMAND ?? 'bine';
  const program = new Command(name);
  program
    .exitOverride()
    .configureOutput({ writeOut: (text) => host.stdout.write(text), writeErr: (text) => host.stderr.write(text) })
    .version(manifest.version, '-V, --version', 'Print the version')
    .helpOption('-h, --help', 'Show this help')
    .helpCommand(false)
    .showSuggestionAfterError()
    .addHelpText('before', introduction(name));
  const wanted = argv.find((word) => !word.startsWith('-'));
  for (const entry of table) {
    const command = program.command(entry.name).summary(entry.summary).copyInheritedSettings(program);
    if (entry.name !== wanted) continue;
    const loaded = await entry.load();
    grow(command, { ...loaded, summary: entry.summary }, { name: `${name} ${entry.name}`, host, outcome });
  }
  return program;
}

function introduction(name: string): string {
  const examples = [
    ['quickstart', 'from nothing to a notebook that has run'],
    ['code', 'open VS Code on it'],
    ['status', 'what is running'],
    ['doctor', 'when something does not work'],
  ] as const;
  return `Bine: machine learning that lives in your editor.\n\n${exampleLines(name, examples)}\n`;
}

function exampleLines(name: string, examples: Verb['examples']): string {
  const lines = examples.map(([words, why]) => [`${name} ${words}`.trimEnd(), why] as const);
  const width = Math.max(...lines.map(([line]) => line.length));
  return ['Examples:', ...lines.map(([line, why]) => `  ${line.padEnd(width)}  ${why}`.trimEnd())].join('\n');
}

type Filling = { name: string; host: Host; outcome: Outcome };

function grow(command: Command, entry: Verb | (Group & { summary: string }), filling: Filling): void {
  if (!isGroup(entry)) {
    fill(command, entry, filling);
    return;
  }
  command.usage('VERB [options]').helpCommand(false).addHelpText('before', `${entry.summary}.\n`);
  for (const [word, below] of Object.entries(entry.verbs)) {
    const child = command.command(word).summary(below.summary).copyInheritedSettings(command);
    grow(child, below, { ...filling, name: `${filling.name} ${word}` });
  }
}

function fill(command: Command, verb: Verb, { name, host, outcome }: Filling): void {
  command.addHelpText('before', `${verb.summary}.\n\n${exampleLines(name, verb.examples)}\n`);
  const positional = verb.arguments ?? [];
  for (const { name: word, summary, optional, many } of positional) {
    const dots = many ? '...' : '';
    command.addArgument(new CommanderArgument(optional ? `[${word}${dots}]` : `<${word}${dots}>`, summary));
  }
  for (const option of verb.options ?? []) command.addOption(commanderOption(option));
  if (verb.confirm) command.option('-y, --yes', 'Do not ask');
  if (verb.json) command.option('--json', 'Print the result as JSON');
  command.action(async (...given: unknown[]) => {
    const input: Input = { ...command.opts<Input>() };
    positional.forEach(({ name: word }, place) => (input[word] = given[place]));
    const context = createContext(host, input.json === true);
    const question = input.yes === true ? null : (verb.confirm?.(input) ?? null);
    if (question !== null) await ask(question, context);
    outcome.code = (await verb.run(context, input)) ?? exitCodes.done;
  });
}

function commanderOption(option: Option): CommanderOption {
  const made = new CommanderOption(option.flags, option.summary);
  if (option.default !== undefined) made.default(option.default);
  if (option.required) made.makeOptionMandatory();
  const parse = option.parse ?? ((text: string) => text);
  const checked = (text: string) => {
    try {
      if (option.choices && !option.choices.includes(text)) throw new TypeError(`It must be one of ${option.choices.join(', ')}.`);
      return parse(text);
    } catch (error) {
      throw new CommanderError(
        exitCodes.usage,
        'bine.option',
        `error: option '${option.flags}' cannot be "${text}". ${(error as Error).message}`,
      );
    }
  };
  made.argParser<unknown>((text, all) => (option.many ? [...((all as unknown[] | undefined) ?? []), checked(text)] : checked(text)));
  if (option.choices) made.argChoices = [...option.choices];
  return made;
}

function createContext(host: Host, json: boolean): Context {
  const terminal = createTerminal(host);
  const home = readHome(host.env.BINE_HOME, host.env.XDG_DATA_HOME);
  const command = host.env.BINE_COMMAND ?? 'bine';
  return {
    host,
    terminal,
    step: createSteps(terminal),
    signal: host.signal,
    home,
    command,
    json,
    async client() {
      const { createClient, findAddress } = await import('./client.ts');
      return createClient(await findAddress({ env: host.env, home, command }), command, host.signal);
    },
  };
}

async function ask(question: string, { host }: Context): Promise<void> {
  if (!host.stdin.isTTY || !host.stderr.isTTY) throw new Problem('invalid', `${question} Without a terminal, say so with --yes.`);
  const reader = createInterface({ input: host.stdin, output: host.stderr });
  try {
    const answer = await reader.question(`${question} [y/N] `, { signal: host.signal });
    if (!/^y(es)?$/i.test(answer.trim())) throw new Problem('cancelled', 'Nothing was done.');
  } catch (error) {
    if (!(error instanceof Problem)) host.stderr.write('\n');
    throw error;
  } finally {
    reader.close();
  }
}

/** The one place where an error becomes words and an exit code. Never a stack. */
function explain(error: unknown, { host, json }: { host: Host; json: boolean }): number {
  const tell = (text: string) => void host.stderr.write(`${terminalText(text)}\n`);
  if (error instanceof CommanderError) {
    if (error.code === 'bine.option') tell(error.message);
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
  // A question that is open takes Ctrl+C itself.
  if (host.signal.aborted || (error instanceof Error && error.name === 'AbortError')) {
    tell('Interrupted.');
    return exitCodes.interrupted;
  }
  if (error instanceof Problem) {
    if (json) tell(jsonText(problemBody(error)));
    else tell([`bine: ${error.message}`, ...fieldsOf(error).map(({ field, problem }) => `  ${field}: ${problem}`)].join('\n'));
    return error.code === 'invalid' ? exitCodes.usage : exitCodes.failed;
  }
  tell(`bine: ${error instanceof Error ? error.message : String(error)}`);
  return exitCodes.failed;
}

/** Those that the sentence does not name already. */
function fieldsOf({ message, fields = [] }: Problem) {
  return fields.filter(({ problem }) => !message.includes(problem));
}
