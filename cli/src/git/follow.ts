/** An operation over the network, followed to its end. */
import type { GitOperation } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { asProblem, type Client } from '../client.ts';
import type { Report } from '../steps.ts';

type Following = { client: Client; signal: AbortSignal; report: Report };

const ended = ({ state }: GitOperation) => state === 'succeeded' || state === 'failed' || state === 'cancelled';

/** Interrupted here, it is cancelled there. @throws Problem with why it failed, `cancelled` when somebody cancelled it */
export async function followOperation({ client, signal, report }: Following, begun: GitOperation): Promise<GitOperation> {
  const at = { project: begun.project, operation: begun.id };
  let last = begun;
  try {
    for await (last of await client.api.git.follow(at, { signal })) report(progress(last));
  } catch (error) {
    throw asProblem(error);
  } finally {
    if (signal.aborted && !ended(last)) await client.detached().api.git.cancel(at);
  }
  if (last.state === 'succeeded') return last;
  if (last.problem) throw new Problem(last.problem.code, last.problem.detail);
  if (last.state === 'cancelled') throw new Problem('cancelled', `The ${last.action} was cancelled; the repository is as it was.`);
  throw new Problem('internal', `The gateway stopped telling of the ${last.action} while it was ${last.state}. See "git operations".`);
}

function progress({ state, stage, percent }: GitOperation): string {
  if (state === 'queued') return 'waits for what works in the same repository';
  return [stage ?? '', percent === null ? '' : `${percent} %`].join(' ').trim();
}
