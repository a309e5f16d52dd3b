/** Arguments and parameters as a user types them in one line. */
import type { Job } from '@bine/shared';
import { formatParameter, parseAssignment, parseParameter } from '@bine/cli/jobs/assignments';

/** As a shell takes a line apart: at blanks, except in quotes; a backslash takes the next character as it is. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  let [word, quote, begun] = ['', '', false];
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (character === '\\' && quote !== "'" && at + 1 < line.length) word += line[++at];
    else if (quote) {
      if (character === quote) quote = '';
      else word += character;
    } else if (character === '"' || character === "'") [quote, begun] = [character, true];
    else if (/\s/.test(character)) {
      if (word || begun) words.push(word);
      [word, begun] = ['', false];
    } else word += character;
  }
  if (quote) throw new TypeError(`The quotation that begins with ${quote} does not end.`);
  if (word || begun) words.push(word);
  return words;
}

export function joinWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ');
}

/** A comma or semicolon between two of them, or after the last: no part of the values, most likely. */
const separator = /[,;](?:\s*$|\s*[A-Za-z_]\w*\s*=)/;
const quoted = /"(?:\\.|[^"\\])*"|'[^']*'|\\./g;

/** `month=3 name=x`. @throws TypeError that says what is expected */
export function parseParameters(line: string): Job['parameters'] {
  if (separator.test(line.replaceAll(quoted, '_')))
    throw new TypeError('Write blanks between them and no commas: month=3 fast=true. A text with a comma stands in quotes: name="a, b".');
  return Object.fromEntries(
    splitWords(line).map((word) => {
      const [name, value] = parseAssignment(word);
      return [name, parseParameter(value)];
    }),
  );
}

export function formatParameters(parameters: Job['parameters']): string {
  return joinWords(Object.entries(parameters).map(([name, value]) => `${name}=${formatParameter(value)}`));
}
