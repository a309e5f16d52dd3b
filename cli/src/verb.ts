/** What a verb of the command line is: data for help, parsing and completion, and a function. */
import type { Client } from './client.ts';
import type { Step } from './steps.ts';
import type { Host, Terminal } from './terminal.ts';

export type Context = {
  host: Host;
  terminal: Terminal;
  step: Step;
  /** Aborted by Ctrl+C. */
  signal: AbortSignal;
  /** BINE_HOME. */
  home: string;
  /** How the user calls us, for hints that can be pasted. */
  command: string;
  json: boolean;
  /** The API of the gateway that is running. @throws Problem when there is none */
  client(): Promise<Client>;
};

export type Argument = { name: string; summary: string; optional?: true; many?: true };

export type Option = {
  /** As commander writes them: `-f, --follow` or `--port <N>`. */
  flags: string;
  summary: string;
  default?: unknown;
  required?: true;
  choices?: readonly string[];
  /** @throws Error that says what is expected */
  parse?: (text: string) => unknown;
  /** May be given several times. */
  many?: true;
};

export type Input = Record<string, unknown>;

export type Verb = {
  summary: string;
  /** What follows the verb, and why one would write that. */
  examples: readonly (readonly [words: string, why: string])[];
  arguments?: readonly Argument[];
  options?: readonly Option[];
  /** It has a result that `--json` prints. */
  json?: true;
  /** What cannot be undone; asked on a terminal, wants `--yes` elsewhere. null: this time there is nothing to ask. */
  confirm?: (input: Input) => string | null;
  /** Resolves to the exit code, 0 unless said otherwise. */
  run(context: Context, input: Input): Promise<number | void>;
};

/** A noun with its verbs, and with nouns that belong to it. */
export type Group = { verbs: Readonly<Record<string, Verb | (Group & { summary: string })>> };

/** Gives a verb's function its input's type; the options and arguments are what makes it true. */
export function defineVerb<T>(
  verb: Omit<Verb, 'run' | 'confirm'> & {
    confirm?: (input: T) => string | null;
    run(context: Context, input: T): Promise<number | void>;
  },
): Verb {
  return verb as unknown as Verb;
}

export function isGroup(entry: Verb | Group): entry is Group {
  return 'verbs' in entry;
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new TypeError(`It must be a whole number from ${least} to ${most}.`);
  };
}
