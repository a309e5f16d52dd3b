/** A verb that is one call of the contract: its summary, options and checks come from there, not from here. */
import type { AnyContractProcedure, InferSchemaInput, InferSchemaOutput } from '@orpc/contract';
import { z } from 'zod';
import { Problem } from '@bine/shared/problems';
import type { Api } from './client.ts';
import type { Argument, Context, Input, Option, Verb } from './verb.ts';

type InputOf<P extends AnyContractProcedure> = InferSchemaInput<NonNullable<P['~orpc']['inputSchema']>>;
type OutputOf<P extends AnyContractProcedure> = InferSchemaOutput<NonNullable<P['~orpc']['outputSchema']>>;

type Definition<P extends AnyContractProcedure> = {
  procedure: P;
  call(api: Api, input: InputOf<P>): Promise<OutputOf<P>>;
  /** Fields of the input that stand without a flag, in this order. */
  arguments?: readonly string[];
  /** Where the command line says something else than the contract: a short flag, `--no-checkout` for a switch that is on. By field. */
  wording?: Readonly<Record<string, Partial<Pick<Option, 'flags' | 'summary' | 'parse'>>>>;
  examples: Verb['examples'];
  confirm?: (input: InputOf<P>) => string | null;
  /** Where the command line does more with it than the contract says. */
  summary?: string;
  /** For people; `--json` prints the output as it is. */
  show(output: OutputOf<P>, context: Context, input: InputOf<P>): void;
  /** For people, after it: what other calls say. */
  after?(context: Context, input: InputOf<P>): Promise<void>;
};

type Field = {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: string[];
  items?: Field;
  anyOf?: Field[];
  minimum?: number;
  maximum?: number;
};

export function procedureVerb<P extends AnyContractProcedure>(definition: Definition<P>): Verb {
  const { route, inputSchema } = definition.procedure['~orpc'];
  const schema = inputSchema as unknown as z.ZodObject;
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' }) as {
    properties?: Record<string, Field>;
    required?: string[];
  };
  const positional = definition.arguments ?? [];
  return {
    summary: definition.summary ?? route.summary ?? '',
    examples: definition.examples,
    json: true,
    arguments: positional.map((name): Argument => ({
      ...describeArgument(name, properties[name]!, required.includes(name)),
      ...(definition.wording?.[name]?.summary && { summary: definition.wording[name].summary }),
    })),
    options: Object.entries(properties)
      .filter(([name]) => !positional.includes(name))
      .map(([name, field]) => ({ ...describeOption(name, field, required.includes(name)), ...definition.wording?.[name] })),
    ...(definition.confirm && { confirm: (input: Input) => definition.confirm!(pick(input, properties) as InputOf<P>) }),
    async run(context, given) {
      const input = pick(renamed(given, definition.wording), properties);
      for (const name of positional) input[name] = readArgument(input[name], properties[name]!);
      check(schema, input);
      const output = await definition.call((await context.client()).api, input as InputOf<P>);
      if (context.json) return context.terminal.printJson(output);
      definition.show(output, context, input as InputOf<P>);
      await definition.after?.(context, input as InputOf<P>);
    },
  };
}

function describeArgument(name: string, field: Field, required: boolean): Argument {
  const many = field.type === 'array' && { many: true as const };
  return { name, summary: field.description ?? '', ...(!required && { optional: true }), ...many };
}

/** An argument comes as text; a number is what the contract wants to look at. What is no number, the contract's check names. */
function readArgument(given: unknown, field: Field): unknown {
  return isNumber(field) && typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given;
}

function describeOption(name: string, field: Field, required: boolean): Option {
  const list = field.type === 'array';
  const one = list ? (field.items ?? {}) : field;
  const long = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const flag = name === 'project' ? `-p, ${long}` : long;
  const isSwitch = one.type === 'boolean' || one.anyOf?.some(({ type }) => type === 'boolean');
  const number = isNumber(one);
  const other = one.anyOf?.find((alternative) => alternative.enum)?.enum;
  const numberOrWord = other !== undefined && one.anyOf!.some(isNumber);
  const fallback = field.default === undefined || field.default === '' ? '' : ` (default: ${JSON.stringify(field.default)})`;
  return {
    flags: isSwitch ? flag : `${flag} <${number || numberOrWord ? 'N' : name}>`,
    summary: isSwitch
      ? (field.description ?? '')
      : `${field.description ?? sentence(name)}${numberOrWord ? `; or ${other.join(', ')}` : ''}${fallback}`,
    ...(one.enum && { choices: one.enum }),
    ...(list && { many: true as const }),
    ...(required && { required: true as const }),
    ...(number && { parse: parseNumber }),
    ...(numberOrWord && { parse: (text: string) => (other.includes(text) ? text : parseNumber(text)) }),
  };
}

const isNumber = ({ type }: Field): boolean => type === 'integer' || type === 'number';

function sentence(name: string): string {
  const words = name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words[0]!.toUpperCase() + words.slice(1);
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new TypeError('It must be a number.');
  return value;
}

/** An option is read under the name of its flag, which may not be its field's: `--secret` may be given several times and fills `secrets`. */
function renamed(given: Input, wording: Definition<AnyContractProcedure>['wording'] = {}): Input {
  const input = { ...given };
  for (const [field, { flags }] of Object.entries(wording)) {
    const flag = flags && /--(?:no-)?([a-z-]+)/.exec(flags)?.[1]?.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (flag && flag !== field && given[flag] !== undefined) input[field] = given[flag];
  }
  return input;
}

/** Only the fields of the contract, and of those only what was said. */
function pick(input: Input, properties: Record<string, Field>): Input {
  return Object.fromEntries(Object.keys(properties).flatMap((name) => (input[name] === undefined ? [] : [[name, input[name]]])));
}

function check(schema: z.ZodObject, input: Input): void {
  const result = schema.safeParse(input);
  if (result.success) return;
  const fields = result.error.issues.map((issue) => ({ field: issue.path.join('.'), problem: issue.message }));
  throw new Problem('invalid', 'Some of what you wrote cannot be used:', { fields });
}
