/** `NAME=VALUE`, as variables and parameters are written. */
import { problemOfNumber, type Job } from '@bine/shared';

export type Assignment = [name: string, value: string];

/** @throws TypeError that says what is expected */
export function parseAssignment(text: string): Assignment {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new TypeError('It must be NAME=VALUE, with a name of letters, digits and _.');
  return [name, value];
}

type Parameter = Job['parameters'][string];

const words: Record<string, Parameter> = { True: true, False: false, None: null };

/**
 * As JSON where it can be read as such, with each number as it is written; True, False, None, nan and numbers like .5 as papermill reads
 * them; else the text itself. `"3"` in double quotes is the text 3.
 *
 * @throws TypeError for a number that no float can hold
 */
export function parseParameter(text: string): Parameter {
  if (Object.hasOwn(words, text)) return words[text]!;
  const number = numberIn(text.trim());
  if (number !== undefined) return number;
  try {
    return JSON.parse(text, exactly) as Parameter;
  } catch (error) {
    if (error instanceof TypeError) throw error;
    return text;
  }
}

/** The reviver of JSON is told how a number was written. */
function exactly(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  return typeof value === 'number' && source !== undefined ? numberIn(source) : value;
}

const decimal = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

function numberIn(text: string): Parameter | undefined {
  const special = /^([+-]?)(nan|inf|infinity)$/i.exec(text);
  if (special) return { $number: special[2]!.toLowerCase() === 'nan' ? 'nan' : `${special[1] === '-' ? '-' : ''}inf` };
  if (!decimal.test(text)) return undefined;
  const problem = problemOfNumber(text);
  if (problem !== null) throw new TypeError(problem);
  const value = Number(text);
  // What is sent as JSON, and written from it in Python, is the same again.
  return String(value) === text && Number.isSafeInteger(value) === !/[.e]/i.test(text) ? value : { $number: text };
}

/** As it can be typed again. */
export function formatParameter(value: Parameter): string {
  return typeof value === 'string' && parseParameter(value) === value ? value : formatNested(value);
}

function formatNested(value: Parameter): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(formatNested).join(',')}]`;
  const { $number, ...rest } = value;
  if (typeof $number === 'string' && Object.keys(rest).length === 0) return $number;
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}:${formatNested(item)}`)
    .join(',')}}`;
}
