/**
 * Follows one kernel through whatever happens to the connection: comes back by itself, reads each record once, and sends a
 * request again until the log shows it (the kernel's supervisor takes a msg_id only once).
 */
import type { KernelMessage, KernelRecord, SupervisorContent } from '@bine/shared/kernel-wire';
import { Problem, type ProblemCode } from '@bine/shared/problems';
import type { Connection, KernelSocket } from '../connection/client.ts';
import { toProblem } from '../connection/problem.ts';
import { aborted, pause } from '../connection/wait.ts';

export type KernelLinkOptions = {
  connection: Pick<Connection, 'openKernelSocket' | 'connected'>;
  project: string;
  kernel: string;
  /** Read what follows this record. */
  since: number;
  /** Waited for, so that a reader that is behind holds back the gateway instead of filling memory. */
  onRecord: (record: KernelRecord) => void | Promise<void>;
  /** Told once for each connection: what is read up to `head` is history. `away`: milliseconds without a connection; 0 at first. */
  onAttached: (attached: SupervisorContent['attached'], away: number) => void;
  /** A request (its msg_id) was not passed on. */
  onRefused: (request: string, problem: Problem) => void;
  /** The kernel and its log are gone, or out of reach for this user. */
  onGone: (problem: Problem) => void;
  /** Whether more can come. A kernel that has ended has a log, and a socket that closes at the end of it. */
  isLive: () => boolean;
};

export type KernelLink = {
  /** What was sent and is not in the log yet. */
  readonly unconfirmed: readonly KernelMessage[];
  /** `onGone` was called: what is sent is refused. */
  readonly gone: boolean;
  /** Sent now, or as soon as the connection is back; never lost, never twice. */
  send(message: KernelMessage): void;
  /** Those of these msg_ids that wait to be sent are not sent any more. */
  withdraw(requests: readonly string[]): void;
  /** For what is worth nothing later; false: there is no connection now. */
  sendNow(message: KernelMessage): boolean;
  /** The kernel lives again, or the user is impatient. */
  wake(): void;
  dispose(): void;
};

/** Milliseconds between tries, when the gateway answers but the kernel's socket does not open; the last one is repeated. */
const pauses = [100, 250, 500, 1000, 2000, 5000];
const final = new Set<ProblemCode>(['not-found', 'missing-scope', 'missing-role']);

export function openKernelLink(options: KernelLinkOptions): KernelLink {
  const { connection, project, kernel } = options;
  const ending = new AbortController();
  let seen = options.since;
  let socket: KernelSocket | null = null;
  /** When the connection was lost; null: there has been none. */
  let lost: number | null = null;
  let gone: Problem | null = null;
  let waking = new AbortController();
  const unconfirmed = new Map<string, KernelMessage>();

  function confirm({ channel, header, content }: KernelRecord): void {
    if (unconfirmed.size === 0) return;
    unconfirmed.delete(header.msg_id);
    if (channel !== 'supervisor' || header.msg_type !== 'answered') return;
    const { request } = content as SupervisorContent['answered'];
    for (const [id, message] of unconfirmed) if (message.parent_header.msg_id === request) unconfirmed.delete(id);
  }

  /** What the gateway says on the occasion, which is not in the log. */
  function takeOwn({ header, content }: KernelRecord): boolean {
    if (header.msg_type === 'attached') {
      options.onAttached(content as SupervisorContent['attached'], lost === null ? 0 : Date.now() - lost);
      return true;
    }
    if (header.msg_type !== 'refused') return false;
    const { request, code, detail } = content as SupervisorContent['refused'];
    // Who sent it has withdrawn it, or does not care.
    if (unconfirmed.delete(request)) options.onRefused(request, new Problem(code as ProblemCode, detail));
    return true;
  }

  async function take(record: KernelRecord): Promise<void> {
    if (record.channel === 'supervisor' && takeOwn(record)) return;
    if (record.seq > 0 && record.seq <= seen) return;
    confirm(record);
    await options.onRecord(record);
    if (record.seq > 0) seen = record.seq;
  }

  /** Until the socket closes. @throws Problem if it does not open */
  async function follow(): Promise<void> {
    const opened = connection.openKernelSocket({ project, kernel, since: seen, signal: ending.signal });
    try {
      await opened.opened;
      socket = opened;
      for (const message of unconfirmed.values()) opened.send(message);
      for await (const record of opened.records) {
        if (ending.signal.aborted) return;
        await take(record);
      }
    } finally {
      if (socket) lost = Date.now();
      socket = null;
      opened.dispose();
    }
  }

  function giveUp(problem: Problem): void {
    gone = problem;
    for (const request of unconfirmed.keys()) options.onRefused(request, problem);
    unconfirmed.clear();
    options.onGone(problem);
  }

  async function run(): Promise<void> {
    for (let tries = 0; !ending.signal.aborted;) {
      await connection.connected(ending.signal);
      const before = seen;
      const problem = await follow().then(() => null, toProblem);
      if (ending.signal.aborted) return;
      if (problem && final.has(problem.code)) return giveUp(problem);
      tries = seen > before ? 0 : tries + 1;
      const rest =
        options.isLive() || unconfirmed.size > 0
          ? pause(pauses[Math.min(tries, pauses.length) - 1] ?? 0, waking.signal)
          : aborted(waking.signal);
      await Promise.race([rest, aborted(ending.signal)]);
      waking = new AbortController();
    }
  }

  void run();
  return {
    get unconfirmed() {
      return [...unconfirmed.values()];
    },
    get gone() {
      return gone !== null;
    },
    send(message) {
      if (gone) return options.onRefused(message.header.msg_id, gone);
      unconfirmed.set(message.header.msg_id, message);
      if (!trySend(socket, message)) waking.abort();
    },
    withdraw(requests) {
      for (const request of requests) unconfirmed.delete(request);
    },
    sendNow: (message) => trySend(socket, message),
    wake: () => waking.abort(),
    dispose: () => ending.abort(),
  };
}

function trySend(socket: KernelSocket | null, message: KernelMessage): boolean {
  try {
    socket?.send(message);
    return socket !== null;
  } catch {
    // It closed just now: whoever must not lose it sends it again.
    return false;
  }
}
