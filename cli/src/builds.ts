/** Builds of environments, followed by their log. */
import type { BuildLine } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { asProblem, type Client } from './client.ts';

type Named = { project: string; environment: string; change?: string };

/** The log of the last build, live while one runs. @returns its last line */
export async function followBuild({ api }: Client, named: Named, onLine: (line: BuildLine) => void): Promise<BuildLine | undefined> {
  let last: BuildLine | undefined;
  try {
    for await (last of await api.environments.log(named)) onLine(last);
  } catch (error) {
    throw asProblem(error);
  }
  return last;
}

/** Builds an environment unless it is ready, or joins the build under way. @throws Problem with the build's last words */
export async function untilBuilt(client: Client, named: Named, onLine: (line: BuildLine) => void): Promise<void> {
  const { state } = await client.api.environments.build(named);
  if (state === 'ready') return;
  const last = await followBuild(client, named, onLine);
  if (last?.done !== 'succeeded') throw new Problem('build-failed', last?.text ?? `The build of ${named.environment} did not end.`);
}
