/**
 * Keeps a connection to the gateway for as long as it runs: tries again with growing pauses, and at once when it is poked
 * (window focus, the gateway's file appeared).
 */
import { Problem } from '@bine/shared/problems';
import { toProblem, unreachable } from './problem.ts';
import { type Session, type Target, openSession, sessionTiming } from './session.ts';
import { aborted, pause } from './wait.ts';

/**
 * `signed-out`: no gateway or no key is known. `reconnecting`: it was there a moment ago and is tried again; `offline`: the
 * same, for so long that the user should know. Both mend themselves.
 */
export type LinkState = 'signed-out' | 'connecting' | 'connected' | 'reconnecting' | 'offline';

/** Milliseconds. */
const linkTiming = {
  ...sessionTiming,
  /** Pauses between tries; the last one is repeated. */
  backoff: [100, 250, 500, 1000, 2000, 4000, 8000, 15_000],
  /** The pause after the gateway refused the key: only a new key helps. */
  refused: 60_000,
  /** How long "reconnecting" is said before "offline". */
  patience: 30_000,
};

export type LinkOptions = {
  /** Asked before each try, because a restart may move the gateway. null: not signed in. */
  find: () => Promise<Target | null>;
  /** `problem` says why it is not connected. */
  onState: (state: LinkState, problem: Problem | null) => void;
  log: (message: string) => void;
  timing?: Partial<typeof linkTiming>;
};

export type LinkStatus = {
  state: LinkState;
  /** Why it is not connected. */
  problem: Problem | null;
  target: Target | null;
};

export type Link = {
  readonly now: Readonly<LinkStatus>;
  /** The session as soon as there is one. Rejects when the signal aborts, or at once while nobody is signed in. */
  session(signal: AbortSignal): Promise<Session>;
  /** Tries now instead of later, and checks a connection that looks open. */
  poke(): void;
  /** Drops the connection and looks again for the gateway and the key. */
  restart(): void;
  close(): void;
};

export function createLink(options: LinkOptions): Link {
  const timing = { ...linkTiming, ...options.timing };
  const ending = new AbortController();
  let [wake, drop, changed] = [new AbortController(), new AbortController(), new AbortController()];
  const now: LinkStatus & { session: Session | null } = { state: 'connecting', problem: null, target: null, session: null };

  function set(state: LinkState, problem: Problem | null): void {
    const same = state === now.state && problem?.message === now.problem?.message;
    Object.assign(now, { state, problem });
    changed.abort();
    changed = new AbortController();
    if (!same) options.onState(state, problem);
  }

  /** Resolves when a connection was lost; rejects when none could be opened. */
  async function connect(): Promise<void> {
    now.target = await options.find();
    if (!now.target) throw notSignedIn();
    now.session = await openSession(now.target, { signal: AbortSignal.any([ending.signal, drop.signal]), timing });
    set('connected', null);
    await aborted(now.session.closed);
    now.session = null;
  }

  async function run(): Promise<void> {
    let [tries, since, before] = [0, Date.now(), false];
    while (!ending.signal.aborted) {
      const started = Date.now();
      const why = await connect().then(
        () => null,
        (error: unknown) => toldOf(error, now.target?.address ?? null),
      );
      if (ending.signal.aborted) return;
      if (drop.signal.aborted) {
        drop = new AbortController();
        [tries, since, before] = [0, Date.now(), false];
        set('connecting', null);
        continue;
      }
      options.log(why ? `no connection: ${causeOf(why)}` : 'the connection was lost');
      // A connection that closes as soon as it opens must not be tried ten times a second.
      if (!why) [tries, since, before] = [Date.now() - started > timing.answer ? 0 : tries, Date.now(), true];
      set(stateAfter(why, { before, impatient: Date.now() - since > timing.patience }), why);
      await pause(delayAfter(why, tries, timing), wake.signal, drop.signal, ending.signal);
      tries = wake.signal.aborted ? 0 : tries + 1;
      wake = new AbortController();
    }
  }

  async function session(signal: AbortSignal): Promise<Session> {
    while (!now.session) {
      if (now.state === 'signed-out') throw now.problem ?? notSignedIn();
      if (ending.signal.aborted || signal.aborted) throw unreachable(now.target?.address ?? null, now.problem);
      await aborted(changed.signal, ending.signal, signal);
    }
    return now.session;
  }

  void run();
  return {
    now,
    session,
    poke() {
      if (now.session) now.session.check();
      else wake.abort();
    },
    restart() {
      now.session = null;
      set('connecting', null);
      drop.abort();
    },
    close: () => ending.abort(),
  };
}

/** What a socket says of itself, as ECONNREFUSED, is for the log. */
function toldOf(error: unknown, address: string | null): Problem {
  const problem = toProblem(error);
  return problem.code === 'internal' ? unreachable(address, error) : problem;
}

const causeOf = ({ message, cause }: Problem) => (cause instanceof Error ? `${message} (${cause.message})` : message);

function notSignedIn(): Problem {
  return new Problem('no-key', 'You are not signed in to a gateway. Sign in, or start one on this machine with "bine up".');
}

/** Many windows that lost the same gateway do not come back in the same instant. */
function delayAfter(why: Problem | null, tries: number, { refused, backoff }: typeof linkTiming): number {
  const delay = why?.code === 'bad-key' ? refused : backoff[Math.min(tries, backoff.length - 1)]!;
  return delay * (0.75 + Math.random() / 4);
}

function stateAfter(why: Problem | null, { before, impatient }: { before: boolean; impatient: boolean }): LinkState {
  if (why?.code === 'no-key' || why?.code === 'bad-key') return 'signed-out';
  if (impatient) return 'offline';
  return before ? 'reconnecting' : 'connecting';
}
