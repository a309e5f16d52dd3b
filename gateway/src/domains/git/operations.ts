/** What goes over the network: it goes on when its caller leaves, tells how far it is, and can be cancelled. The newest are remembered. */
import type { GitOperation } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { Progress } from '../../ports/git/transfers.ts';
import { createChanges } from '../../lib/changes.ts';
import type { Changes } from '../../lib/changes.ts';
import { delay } from '../../lib/delay.ts';
import { newId } from '../../lib/id.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import type { Caller, GitParts } from './parts.ts';

/** What the work of an operation gets. */
export type Leg = Caller & { onTurn: () => void; onProgress: (progress: Progress) => void };

type Beginning = Pick<GitOperation, 'repository' | 'action' | 'user'> & { project: ProjectFolder };

type Live = { operation: GitOperation; projectId: string; stop: AbortController; bell: Changes; over: Promise<void> };

export type Operations = ReturnType<typeof createOperations>;

const remembered = 100;
const deadline = 4 * 3_600_000;
/** Milliseconds between two news of the same operation. */
const pace = 100;

export function createOperations({ events, onError }: Pick<GitParts, 'events' | 'onError'>) {
  const all: Live[] = [];

  const tell = ({ operation, projectId }: Live) =>
    events.publish({ type: 'git.operation', project: operation.project, data: { ...operation } }, projectId);

  const find = createFind(all);

  async function run(live: Live, work: (leg: Leg) => Promise<string>): Promise<void> {
    const { operation, stop, bell } = live;
    const note = (news: Partial<GitOperation>) => {
      Object.assign(operation, news);
      bell.ring();
    };
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(deadline)]);
    try {
      const summary = await work({ user: operation.user, signal, onTurn: () => note({ state: 'running' }), onProgress: note });
      note({ state: 'succeeded', summary, ended: new Date().toISOString() });
    } catch (error) {
      const problem = asProblem(error, signal);
      if (problem.code === 'internal') onError(error);
      const state = problem.code === 'cancelled' ? 'cancelled' : 'failed';
      note({ state, problem: { code: problem.code, detail: problem.message }, ended: new Date().toISOString() });
    }
    tell(live);
  }

  async function end(live: Live, why: string): Promise<void> {
    live.stop.abort(new Problem('cancelled', why));
    await live.over;
  }

  return {
    /** Answers at once. */
    begin({ project, ...rest }: Beginning, work: (leg: Leg) => Promise<string>): GitOperation {
      const fresh = { stage: null, percent: null, summary: null, problem: null, ended: null } as const;
      const operation: GitOperation = {
        ...rest,
        ...fresh,
        id: newId(),
        project: project.name,
        state: 'queued',
        submitted: new Date().toISOString(),
      };
      const live: Live = { operation, projectId: project.id, stop: new AbortController(), bell: createChanges(), over: Promise.resolve() };
      all.unshift(live);
      forget(all);
      tell(live);
      live.over = run(live, work).catch(onError);
      return { ...operation };
    },

    list: (project: string): GitOperation[] =>
      all.filter(({ operation }) => operation.project === project).map(({ operation }) => ({ ...operation })),

    follow: (project: string, id: string, signal: AbortSignal): AsyncGenerator<GitOperation> => follow(find(project, id), signal),

    /** Resolves when it is over. */
    async cancel(project: string, id: string, user: string): Promise<GitOperation> {
      const live = find(project, id);
      if (live.operation.ended !== null) throw new Problem('conflict', `The operation has already finished (${live.operation.state}).`);
      await end(live, `${user} cancelled it; the repository is as it was.`);
      return { ...live.operation };
    },

    async endAll(why: string, projectId?: string): Promise<void> {
      const ours = all.filter((live) => live.operation.ended === null && (projectId === undefined || live.projectId === projectId));
      await Promise.all(ours.map((live) => end(live, why)));
    },
  };
}

function createFind(all: Live[]) {
  return (project: string, id: string): Live => {
    const live = all.find(({ operation }) => operation.id === id && operation.project === project);
    if (live) return live;
    throw new Problem(
      'not-found',
      `The project "${project}" has no operation "${id}" (any more): the gateway remembers the last ${remembered}.`,
    );
  };
}

async function* follow({ operation, bell }: Live, signal: AbortSignal): AsyncGenerator<GitOperation> {
  for (;;) {
    const now = { ...operation };
    yield now;
    if (now.ended !== null || signal.aborted) return;
    if (isSame(now, operation)) await bell.next(signal);
    if (operation.ended === null) await delay(pace, signal);
  }
}

const isSame = (one: GitOperation, other: GitOperation): boolean =>
  one.state === other.state && one.stage === other.stage && one.percent === other.percent;

/** The oldest that are over. */
function forget(all: Live[]): void {
  for (let index = all.length - 1; index >= 0 && all.length > remembered; index--) {
    if (all[index]!.operation.ended !== null) all.splice(index, 1);
  }
}

function asProblem(error: unknown, signal: AbortSignal): Problem {
  if (signal.aborted && signal.reason instanceof Problem) return signal.reason;
  if (error instanceof Problem) return error;
  if (signal.aborted) return new Problem('timeout', `It did not end within ${deadline / 3_600_000} hours.`, { cause: error });
  return new Problem('internal', 'Internal error. See the log of the gateway.', { cause: error });
}
