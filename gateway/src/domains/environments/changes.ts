/**
 * Changes of projects' environments: those of one environment wait for each other, those of different ones go on side by side. One that
 * fails, is cancelled or dies with its gateway has changed nothing, and its log stays.
 */
import type { BuildLine, Change } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { ChangeRecord } from '../../ports/state/environments.ts';
import { createTurns } from '../../lib/turns.ts';
import { createPerform, nothingChanged } from './perform.ts';
import type { Work } from './perform.ts';
import type { Clone, Parts } from './parts.ts';

export type Changes = {
  /** Whether one is under way or waits. */
  active(environmentId: string): boolean;
  /** Answers at once. */
  begin(clone: Clone, change: ChangeRecord, work: Work): Promise<Change>;
  /** Resolves when it is over. @throws Problem `conflict` if it was over before */
  cancel(clone: Clone, id: string, user: string): Promise<Change>;
  cancelAll(environmentId: string, why: string): Promise<void>;
  cancelProject(projectId: string, why: string): Promise<void>;
  /** Says of those that died with their gateway that they did, and of the one that was done what became of it. */
  endTheDead(): Promise<void>;
  stop(): Promise<void>;
};

type Live = { clone: Clone; record: ChangeRecord; stop: AbortController; over: Promise<void> };

const deadline = 60 * 60_000;
const restarted = 'The gateway was restarted during the change; nothing was changed. Ask for it again.';

export function createChanges(parts: Parts, tellEnvironment: (clone: Clone) => Promise<void>): Changes {
  const { rows, logs, onError } = parts;
  const live = new Map<string, Live>();
  const turns = createTurns();
  const perform = createPerform(parts);
  const { tell } = createTeller(parts);

  async function run({ clone, record, stop }: Live, work: Work): Promise<void> {
    const log = await logs.begin(record.id);
    const say = (text: string, done?: BuildLine['done']) => log.write({ time: new Date().toISOString(), text, ...(done && { done }) });
    const note = async (news: Partial<ChangeRecord>) => {
      Object.assign(record, news);
      await rows.saveChange(record);
      await tell(record);
    };
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(deadline)]);
    let begun = false;
    try {
      const turn = turns(clone.id, async () => {
        signal.throwIfAborted();
        begun = true;
        return perform({ clone, record, work, signal, say, note });
      });
      // It fails late where the change was cancelled before its turn.
      turn.catch(() => undefined);
      const done = await Promise.race([turn, abortedUnless(signal, () => begun)]);
      await tell(record);
      say(done, 'succeeded');
    } catch (error) {
      if (record.state === 'succeeded') {
        say(`Revision ${record.revision}`, 'succeeded');
        return;
      }
      const problem = asProblem(error, signal);
      const state = problem.code === 'cancelled' ? 'cancelled' : 'failed';
      await note({ state, problem: problem.message, ended: new Date().toISOString() });
      say(problem.message, state);
    } finally {
      await log.close();
      live.delete(record.id);
    }
  }

  async function end(one: Live, why: string): Promise<void> {
    one.stop.abort(new Problem('cancelled', why));
    await one.over;
  }

  const of = (wanted: (clone: Clone) => boolean) => [...live.values()].filter(({ clone }) => wanted(clone));
  const active = (environmentId: string) => of(({ id }) => id === environmentId).length > 0;

  return {
    active,
    async begin(clone, wanted, work) {
      parts.refuseNewWork?.(`The change of "${clone.name}"`);
      const record = await rows.addChange(wanted);
      if (record.id !== wanted.id) return toChange(record, clone.name);
      const one: Live = { clone, record, stop: new AbortController(), over: Promise.resolve() };
      live.set(record.id, one);
      one.over = run(one, work)
        .then(() => tellEnvironment(clone))
        .catch(onError);
      await tell(record);
      await tellEnvironment(clone);
      return toChange(record, clone.name);
    },
    async cancel(clone, id, user) {
      const one = live.get(id);
      if (one?.clone.id === clone.id) {
        await end(one, `${user} cancelled it.`);
        return toChange(one.record, clone.name);
      }
      const record = await rows.change(id);
      if (record?.environmentId !== clone.id) throw new Problem('not-found', `"${clone.name}" has no change "${id}".`);
      throw new Problem('conflict', `The change is over: it ${record.state}. Roll back to undo what it did.`);
    },
    async cancelAll(environmentId, why) {
      await Promise.all(of(({ id }) => id === environmentId).map((one) => end(one, why)));
    },
    async cancelProject(projectId, why) {
      await Promise.all(of((clone) => clone.projectId === projectId).map((one) => end(one, why)));
    },
    async endTheDead() {
      // The one before last words: it is so, and nobody had said it yet.
      for (const { id, state, revision, problem } of await rows.lastEndedChanges()) {
        const last = await logs.last(id);
        if (last?.done || (state !== 'succeeded' && state !== 'failed' && state !== 'cancelled')) continue;
        const text = problem ?? (revision === null ? nothingChanged : `Revision ${revision}`);
        await logs.end(id, { time: new Date().toISOString(), text, done: state });
      }
      for (const record of await rows.unendedChanges()) {
        const time = new Date().toISOString();
        const ended: ChangeRecord = { ...record, state: 'failed', problem: restarted, ended: time };
        await logs.end(record.id, { time, text: restarted, done: 'failed' });
        await rows.saveChange(ended);
        await tell(ended);
      }
    },
    async stop() {
      await Promise.all([...live.values()].map((one) => end(one, restarted)));
    },
  };
}

function createTeller({ rows, projects, events }: Parts) {
  return {
    async tell(record: ChangeRecord): Promise<void> {
      const environment = await rows.byId(record.environmentId);
      const project = environment && (await projects.byId(environment.projectId));
      if (!project) return;
      const data = toChange(record, environment.name);
      events.publish({ type: 'environment.change', project: project.name, data }, environment.projectId);
    },
  };
}

export function toChange({ environmentId: _id, idempotencyKey: _key, ...rest }: ChangeRecord, environment: string): Change {
  return { ...rest, environment };
}

/** Rejects when the signal aborts, unless the work has begun: then the work itself ends, and cleans up. */
function abortedUnless(signal: AbortSignal, begun: () => boolean): Promise<never> {
  return new Promise((_, reject) => {
    const leave = () => {
      if (!begun()) reject(signal.reason as Error);
    };
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
}

function asProblem(error: unknown, signal: AbortSignal): Problem {
  if (signal.aborted && signal.reason instanceof Problem) return signal.reason;
  if (signal.aborted) return new Problem('timeout', `The change did not end within ${deadline / 60_000} minutes.`, { cause: error });
  if (error instanceof Problem) return error;
  return new Problem('build-failed', error instanceof Error ? error.message : String(error), { cause: error });
}
