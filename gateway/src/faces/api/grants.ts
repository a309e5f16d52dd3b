/**
 * Calls, streams, transfers and sockets that are under way, each with what it needs. As soon as its caller may no longer have that, because a key
 * was revoked, narrowed or has expired, or a member was removed or given a lesser role, it ends.
 */
import { Problem } from '@bine/shared/problems';
import type { KeyListener } from '../../domains/access/live-keys.ts';
import type { Principal } from '../../domains/access/principal.ts';
import type { ProjectId } from '../../domains/projects/hooks.ts';
import type { Authorise, Caller, Needs } from './authorise.ts';

export type Grant = Disposable & {
  principal: Principal;
  /** Aborts, with a Problem as its reason, when it is over. */
  signal: AbortSignal;
  /** @throws Problem when the key is not valid at this moment */
  check(): void;
};

export type Grants = AsyncDisposable & {
  /** Until it is disposed of. @throws Problem as `Authorise`; too-many */
  open(caller: Caller, needs: Needs, project?: unknown): Promise<Grant>;
};

type Subscribe<Listener> = (listener: Listener) => Disposable;

export type GrantsDeps = {
  authorise: Authorise;
  current: (principal: Principal) => Principal | null;
  onKeysChanged: Subscribe<KeyListener>;
  onMembersChanged: Subscribe<(project: ProjectId) => void>;
  onDeleted: Subscribe<(project: ProjectId) => void>;
};

type Entry = { caller: Principal; needs: Needs; project: unknown; over: AbortController };

/** For the answer to whoever ends the own access to leave first; nothing new begins in that time. Milliseconds. */
const graceMs = 100;
/** Timers cannot wait for months, and the machine's clock may be set. Milliseconds. */
const longestWaitMs = 60_000;
/** What one key may have under way at once. */
const mostPerKey = 500;

export function createGrants(deps: GrantsDeps): Grants {
  const { authorise, current } = deps;
  const entries = new Map<string, Set<Entry>>();
  const alarm = createAlarm(() => review(hasExpired));

  const hasExpired = ({ caller: { expires } }: Entry) => expires !== null && expires <= Date.now();

  const review = (isMeant: (entry: Entry) => boolean) => {
    for (const entry of [...entries.values()].flatMap((ofKey) => [...ofKey].filter(isMeant))) {
      authorise(entry.caller, entry.needs, entry.project).catch((error: unknown) => entry.over.abort(error));
    }
  };
  const later = (isMeant: (entry: Entry) => boolean) => void setTimeout(() => review(isMeant), graceMs).unref();

  const subscriptions = [
    deps.onKeysChanged((ids) => later(({ caller }) => ids.has(caller.keyId))),
    deps.onMembersChanged(({ name }) => later(({ project }) => project === name)),
    deps.onDeleted(({ name }) => later(({ project }) => project === name)),
  ];

  const add = (entry: Entry) => {
    const { keyId, expires } = entry.caller;
    const ofKey = entries.get(keyId) ?? new Set();
    if (ofKey.size >= mostPerKey) {
      throw new Problem('too-many', `This key has ${mostPerKey} calls and streams under way. Close some, or use another key.`, {
        retryAfter: 1,
      });
    }
    entries.set(keyId, ofKey.add(entry));
    if (expires !== null) alarm.at(expires);
  };
  const remove = (entry: Entry) => {
    const ofKey = entries.get(entry.caller.keyId);
    if (ofKey?.delete(entry) && ofKey.size === 0) entries.delete(entry.caller.keyId);
  };

  return {
    async open(caller, needs, project) {
      const over = new AbortController();
      if (caller instanceof Problem)
        return { principal: await authorise(caller, needs, project), signal: over.signal, check() {}, [Symbol.dispose]() {} };
      const entry = { caller, needs, project, over };
      // Before it is allowed: what changes meanwhile is noticed.
      add(entry);
      try {
        const principal = await authorise(caller, needs, project);
        over.signal.throwIfAborted();
        const check = () => {
          if (!current(caller)) throw new Problem('bad-key', 'The API key has expired or was revoked. Sign in with another one.');
        };
        return { principal, signal: over.signal, check, [Symbol.dispose]: () => remove(entry) };
      } catch (error) {
        remove(entry);
        throw error;
      }
    },
    async [Symbol.asyncDispose]() {
      for (const subscription of subscriptions) subscription[Symbol.dispose]();
      alarm.stop();
    },
  };
}

/** Rings at the soonest of the times that it was set to. */
function createAlarm(ring: () => void) {
  let times: number[] = [];
  let timer: NodeJS.Timeout | undefined;

  const arm = () => {
    clearTimeout(timer);
    if (times.length === 0) return;
    timer = setTimeout(check, Math.min(longestWaitMs, Math.max(1, times[0]! - Date.now()))).unref();
  };
  const check = () => {
    const now = Date.now();
    const due = times.length > 0 && times[0]! <= now;
    times = times.filter((time) => time > now);
    if (due) ring();
    arm();
  };

  return {
    at(time: number) {
      if (times.includes(time)) return;
      times = [...times, time].sort((one, other) => one - other);
      if (times[0] === time) arm();
    },
    stop: () => clearTimeout(timer),
  };
}
