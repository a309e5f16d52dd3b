/** Executions as the command line names and tells them. */
import type { JobExecution } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { Client } from '../client.ts';
import { formatDuration } from '../terminal.ts';

export type InExecution = { project: string; execution: string };

export const isOver = ({ state }: Pick<JobExecution, 'state'>) => !['queued', 'starting', 'running'].includes(state);

/** By `job`, which means its latest, by `job/number`, or by its id. @throws Problem not-found */
export async function findExecution({ api }: Client, project: string, name: string): Promise<JobExecution> {
  const [, job, number] = /^([^/]+?)(?:\/(\d+))?$/.exec(name) ?? [];
  const all = job ? await api.executions.list({ project, job, limit: number ? 1000 : 1 }).catch(nothing) : [];
  const found = number ? all.find((each) => each.number === Number(number)) : all[0];
  if (found) return found;
  if (number)
    throw new Problem(
      'not-found',
      `The job "${job}" in ${project} has no execution ${number}. "job executions -p ${project} --job ${job}" lists them.`,
    );
  return api.executions.get({ project, execution: name }).catch((cause: unknown) => {
    if (!(cause instanceof Problem) || !(cause.code === 'not-found' || cause.code === 'invalid')) throw cause;
    throw new Problem('not-found', `There is no job with an execution, and no execution, "${name}" in ${project}. See "job list".`, {
      cause,
    });
  });
}

/** What is not the name of a job may still be an id. */
function nothing(error: unknown): JobExecution[] {
  if (error instanceof Problem && (error.code === 'not-found' || error.code === 'invalid')) return [];
  throw error;
}

export const inExecution = ({ project, id }: JobExecution): InExecution => ({ project, execution: id });

/** `failed after 3.2 s: exit code 1` */
export function outcome({ state, cause, started, ended, cells }: JobExecution, now = Date.now()): string {
  // It says its place in the queue, and what is in the way.
  if (state === 'queued' && cause) return cause.replace(/^Queued/, state).replace(/\.$/, '');
  const took = started ? ` ${ended ? 'after' : 'for'} ${formatDuration((ended ? Date.parse(ended) : now) - Date.parse(started))}` : '';
  const done =
    cells && (state === 'running' || state === 'failed') ? `, cell ${Math.min(cells.done + 1, cells.total)} of ${cells.total}` : '';
  return `${state}${took}${done}${cause ? `: ${cause}` : ''}`;
}

/** For scripts: the program's own code, and never 0 for what did not succeed. */
export function exitCodeOf({ state, exitCode }: JobExecution): number {
  if (state === 'succeeded') return 0;
  return exitCode || 1;
}
