/** Which language a notebook is written in: environments run Python alone. */
import { record } from './content.ts';

/** @param metadata as in the file. Answers why it cannot be run, as the second half of a sentence; null: it is in Python, or does not say. */
export function foreignLanguage(metadata: unknown, path: string): string | null {
  const { language_info: info, kernelspec: spec } = record(metadata);
  const said = [record(info)['name'], record(spec)['language']];
  const language = said.find((each): each is string => typeof each === 'string' && each !== '') ?? 'python';
  if (/^i?python/i.test(language)) return null;
  const name = path.split('/').at(-1);
  return (
    `it is written in ${language}, and environments run Python; ` +
    `"jupyter nbconvert --to script ${name}" makes a program of it, to be run by ${language} itself`
  );
}
