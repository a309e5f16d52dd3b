/** Which language a notebook is written in: environments run Python alone. */
import { record } from './content.ts';

/** Names of kernels, and what they run; the same as in the runner of jobs (images/supervisor, notebook_file.py), by `test/vectors/notebook-files.json`. */
const kernels: readonly [RegExp, string][] = [
  [/^(ir|irkernel|xr|sparkrkernel)$/i, 'R'],
  [/^julia(-.*)?$/i, 'Julia'],
  [/^(bash|calysto_bash)$/i, 'Bash'],
  [/^(deno|javascript|jslab|ijavascript)$/i, 'JavaScript'],
  [/^(typescript|tslab)$/i, 'TypeScript'],
  [/^(xcpp\d*|cling-cpp\d*)$/i, 'C++'],
  [/^(i?java|rapaio-jupyter-kernel)$/i, 'Java'],
  [/^(scala.*|almond|spylon-kernel|sparkkernel|apache_toree_scala)$/i, 'Scala'],
  [/^(rust|evcxr)$/i, 'Rust'],
  [/^(gophernotes|gonb)$/i, 'Go'],
  [/^octave$/i, 'Octave'],
  [/^(jupyter_)?matlab(_kernel)?$/i, 'MATLAB'],
  [/^\.net-csharp$/i, 'C#'],
  [/^(\.net-fsharp|ifsharp)$/i, 'F#'],
  [/^(\.net-powershell|powershell)$/i, 'PowerShell'],
  [/^(ruby|kotlin|stata|sas|haskell|xsql|sos)$/i, 'another language'],
];

/** Files that never ran name a kernel and no language. */
function languageOfKernel(name: unknown): string | undefined {
  return typeof name === 'string' ? kernels.find(([pattern]) => pattern.test(name))?.[1] : undefined;
}

/** @param metadata as in the file. Answers why it cannot be run, as the second half of a sentence; null: it is in Python, or does not say. */
export function foreignLanguage(metadata: unknown, path: string): string | null {
  const { language_info: info, kernelspec: spec } = record(metadata);
  const said = [record(info)['name'], record(spec)['language']];
  const named = said.find((each): each is string => typeof each === 'string' && each !== '');
  const language = named ?? languageOfKernel(record(spec)['name']) ?? 'python';
  if (/^i?python/i.test(language)) return null;
  const name = path.split('/').at(-1);
  return (
    `it is written in ${language}, and environments run Python; ` +
    `"jupyter nbconvert --to script ${name}" makes a program of it, to be run by ${language} itself`
  );
}
