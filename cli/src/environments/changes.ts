/** Changes of environments: begun, followed by their log, and cancelled with Ctrl+C. */
import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createLeftOut } from '@bine/client/node/left-out';
import type { Change } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { asProblem, type Client } from '../client.ts';
import { parseRemote, upload } from '../project-files.ts';
import type { Report } from '../steps.ts';

type At = { project: string; environment: string };
type Following = { client: Client; at: At; signal: AbortSignal; report: Report };

/** Milliseconds between two looks at a change whose log says nothing, because it waits for another one. */
const pause = 500;

const ended = ({ state }: Change) => state === 'succeeded' || state === 'failed' || state === 'cancelled';

/** @throws Problem `build-failed` with why it failed, `cancelled` when somebody cancelled it */
export async function followChange(following: Following, begun: Change): Promise<Change> {
  const { client, at, signal } = following;
  try {
    const change = ended(begun) ? begun : await untilEnded(following, begun);
    if (change.state === 'succeeded') return change;
    throw new Problem(
      change.state === 'cancelled' ? 'cancelled' : 'build-failed',
      change.problem ?? `The change of ${at.environment} ${change.state}.`,
    );
  } finally {
    // What was interrupted here is not to go on unseen.
    if (signal.aborted) await client.detached().api.environments.cancelChange({ ...at, change: begun.id });
  }
}

async function untilEnded({ client, at, signal, report }: Following, { id }: Change): Promise<Change> {
  for (;;) {
    try {
      for await (const { text } of await client.api.environments.log({ ...at, change: id }, { signal })) report(text);
    } catch (error) {
      const problem = asProblem(error);
      // There is no log yet while it waits for its turn.
      if (!(problem instanceof Problem) || problem.code !== 'not-found') throw problem;
    }
    const change = (await client.api.environments.changes(at)).find((each) => each.id === id);
    if (!change) throw new Problem('not-found', `The change ${id} of ${at.environment} is not known any more.`);
    if (ended(change)) return change;
    await wait(pause, undefined, { signal });
  }
}

export type Wanted = {
  packages?: string[] | undefined;
  requirements?: string | undefined;
  wheel?: string[] | undefined;
  uninstall?: string[] | undefined;
  secret?: string[] | undefined;
};

/** @throws Problem `invalid` when nothing is asked for */
export function checkWanted({ packages = [], requirements, wheel = [], uninstall = [] }: Wanted): void {
  if (packages.length + wheel.length + uninstall.length > 0 || requirements) return;
  throw new Problem('invalid', 'Say what: packages such as "seaborn", --requirements FILE, or --wheel FILE.');
}

/** What is asked for in the shape of the contract; wheels of this machine are brought into the project. */
export async function toRequest({ client, at, signal, report }: Following, wanted: Wanted) {
  const { packages = [], requirements, wheel = [], uninstall = [], secret = [] } = wanted;
  const wheels: string[] = [];
  for (const file of wheel) wheels.push(await bring(file));
  return {
    ...at,
    install: packages,
    uninstall,
    wheels,
    secrets: secret,
    ...(requirements && { requirements: await readText(requirements) }),
  };

  async function bring(file: string): Promise<string> {
    const remote = parseRemote(file);
    if (remote && remote.project === at.project) return remote.path;
    if (remote) throw new Problem('invalid', `${file} is in another project than ${at.project}. Copy it there first.`);
    const path = posix.join('wheels', posix.basename(file));
    await client.api.files.mkdir({ project: at.project, path: 'wheels' });
    await upload(file, { project: at.project, path }, { client, signal, report, leftOut: createLeftOut() });
    return path;
  }
}

export const newKey = () => randomUUID();

async function readText(file: string): Promise<string> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new Problem('not-found', `There is no ${file} on this machine.`, { cause });
  });
  if (!found.isFile()) throw new Problem('invalid', `${file} is not a file.`);
  return readFile(file, 'utf8');
}
