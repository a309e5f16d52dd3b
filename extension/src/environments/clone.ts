/** `Bine: Clone Environment…`: at once, since nothing is built or copied. */
import type { Environment } from '@bine/shared';
import { askText } from '../vs/ask.ts';
import { briefly } from '../vs/progress.ts';
import { followBuild } from './changes.ts';
import type { EnvironmentDeps } from './environments.ts';
import { cloneName, nameProblem } from './names.ts';
import type { Target } from './target.ts';

export async function cloneEnvironment(deps: EnvironmentDeps, target: Target): Promise<Environment> {
  const taken = await takenIn(deps, target.project);
  const name = await askText({
    title: `Clone ${target.environment.title}`,
    prompt: 'Name of the new environment',
    value: cloneName(target.environment.name, taken),
    problem: (text) => nameProblem(text, taken),
  });
  return clone(deps, target, { name });
}

/** Builds what is cloned where that was never done. @param kernel one that runs in the original, and goes on in the clone */
export async function clone(
  { connection }: EnvironmentDeps,
  { project, environment }: Target,
  { name, kernel }: { name: string; kernel?: string | undefined },
): Promise<Environment> {
  const at = { project, environment: environment.name };
  if (environment.bundled && environment.state !== 'ready') await followBuild({ connection, at, title: `Building ${environment.title}` });
  return briefly(`Cloning ${environment.title}…`, () =>
    connection.client.environments.clone({ ...at, name, ...(kernel !== undefined && { kernel }) }),
  );
}

export async function takenIn({ environments }: Pick<EnvironmentDeps, 'environments'>, project: string): Promise<Set<string>> {
  return new Set((await environments.list(project)).map(({ name }) => name));
}
