/** Git and the sandbox that it runs in, which the gateway starts on the host. */
import { canInstall, findProgram, installDebian, type Run } from './programs.ts';

/** Programs by the name of their package. */
const needed = { git: 'git', bwrap: 'bubblewrap', setpriv: 'util-linux' };

export async function missingForGit(env: Record<string, string | undefined>, programs: Record<string, string> = needed): Promise<string[]> {
  const missing = [];
  for (const [program, name] of Object.entries(programs)) if (!(await findProgram(program, env))) missing.push(name);
  return missing;
}

/** Where it may not install them, the gateway runs without Git and says so when it is asked for something. */
export async function ensureGit(env: Record<string, string | undefined>, run: Run, programs?: Record<string, string>): Promise<void> {
  const missing = await missingForGit(env, programs);
  if (missing.length === 0 || !(await canInstall(env))) return;
  run.report?.(`installing ${missing.join(' and ')}`);
  await installDebian(missing, run);
}

/** Those of the tests' Git server besides. */
export const gitForTests = { ...needed, openssl: 'openssl' };
