/** `NAME`, `NAME=VARIABLE`, `NAME:file` or `NAME=VARIABLE:file`, as a program's secrets are written. */
import { SecretUse } from '@bine/shared';
import { looksSecret } from '@bine/shared/names';

export const secretOption = {
  flags: '--secret <NAME[=VARIABLE][:file]>',
  summary: 'A secret that it gets, as an environment variable or only as a file; see "secret --help"',
  parse: parseSecretUse,
  many: true,
} as const;

/** @throws TypeError that says what is expected */
export function parseSecretUse(text: string): SecretUse {
  const [, name, variable, file] = /^([^=:]+)(?:=([^=:]+))?(:file)?$/.exec(text) ?? [];
  const parsed = SecretUse.safeParse({ name, as: file ? 'file' : 'environment', ...(variable !== undefined && { variable }) });
  if (parsed.success) return parsed.data;
  throw new TypeError('It must be NAME, NAME=VARIABLE, NAME:file or NAME=VARIABLE:file, with names of letters, digits and _.');
}

/** What to say of variables whose values look as if they were secret; null: nothing. */
export function hintOnVariables(names: readonly string[], command: string, project: string): string | null {
  const found = names.filter((name) => looksSecret.test(name));
  if (found.length === 0) return null;
  const [first] = found;
  return `Everybody in the project can read the variable ${found.join(', ')}. If that is a secret: "${command} secret set ${first} -p ${project}", then --secret ${first} instead of --var.`;
}
