/** `NAME=VALUE`, as variables and parameters are written. */
import type { Job } from '@bine/shared';

export type Assignment = [name: string, value: string];

/** @throws TypeError that says what is expected */
export function parseAssignment(text: string): Assignment {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new TypeError('It must be NAME=VALUE, with a name of letters, digits and _.');
  return [name, value];
}

/** A number, a truth, a list where it can be read as one, else the text itself. */
export function parseParameter(text: string): Job['parameters'][string] {
  try {
    return JSON.parse(text) as Job['parameters'][string];
  } catch {
    return text;
  }
}
