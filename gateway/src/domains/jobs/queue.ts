/**
 * Who may start, as far as the machine and the limits of projects reach; `next-start.ts` decides who is next. What waits is in memory,
 * in the order of the database; who had how much is remembered there too, so that a restart changes nothing.
 */
import { Problem } from '@bine/shared/problems';
import type { ShareRecord } from '../../ports/state/limits.ts';
import type { Admission, JobUse } from '../capacity/admission.ts';
import { add, dominantShare, lacking, nothing, subtract, sum } from '../capacity/amounts.ts';
import type { Amount } from '../capacity/amounts.ts';
import type { ProjectRef } from '../capacity/limits.ts';
import { pickGpus, refuseImpossible } from '../compute/resources.ts';
import { createFairShares } from './fair-shares.ts';
import type { Served } from './fair-shares.ts';
import { createLines } from './lines.ts';
import type { InLine, Line } from './lines.ts';
import { findNext } from './next-start.ts';
import type { Blocked, ProjectRoom } from './next-start.ts';
import { describeBlock, describeWait } from './wait-causes.ts';

export type Queued = InLine & {
  start: (gpus: string[]) => void;
  /** Told why it has to wait. */
  onWait: (why: string) => void;
};

export type Held = { id: string; project: ProjectRef; user: string; wanted: Amount; gpus: string[]; since: number };

export type QueueParts = {
  admission: Admission;
  shares: { shares(): Promise<ShareRecord[]>; saveShares(records: ShareRecord[]): Promise<void> };
  /** Why nothing new starts on this machine; null: it may. */
  shortage?: () => string | null;
  onError: (error: unknown) => void;
  /** Milliseconds since 1970. */
  now?: () => number;
};

export type Queue = ReturnType<typeof createQueue>;

const lookAgainMilliseconds = 2000;
/** Of each line, so many are told when their place changes; whoever asks is told of all. */
const told = 3;

export function createQueue({ admission, shares: rows, shortage = () => null, onError, now = Date.now }: QueueParts) {
  const lines = createLines<Queued>();
  const running = new Map<string, Held>();
  const shares = createFairShares();
  const closing = new AbortController();
  let reasons = new Map<Line<Queued>, string>();
  let held: Amount = nothing;
  /** null: not known yet. */
  let all: Amount | null = null;
  let timer: NodeJS.Timeout | undefined;
  let asking = false;
  let saves: Promise<void> = Promise.resolve();

  function remember(records: ShareRecord[]): void {
    saves = saves.then(() => rows.saveShares(records)).catch(onError);
  }

  const served = ({ project, user, wanted, since }: Held): Served => ({
    projectId: project.id,
    user,
    since,
    part: all ? dominantShare(wanted, all) : 0,
    weight: admission.limitsOf(project.id).weight,
  });
  const had = () => shares.at(now(), [...running.values()].map(served));
  const runningOf = (projectId: string) => [...running.values()].filter(({ project }) => project.id === projectId);

  function usedBy(projectId: string): Amount & { running: number } {
    const mine = runningOf(projectId);
    return { ...add(sum(mine.map(({ wanted }) => wanted)), admission.ofProject(projectId)), running: mine.length };
  }

  function roomOf(projectId: string, used: Amount & { running: number }): ProjectRoom {
    const { cores, memory, gpus, running: most } = admission.limitsOf(projectId);
    const room = { cores: cores ?? Infinity, memory: memory ?? Infinity, gpus: gpus ?? Infinity };
    return { ...subtract(room, used), running: Math.max(0, (most ?? Infinity) - used.running) };
  }

  async function advance(): Promise<void> {
    // One that has not begun to decide sees what others want it for.
    if (asking) return;
    clearTimeout(timer);
    try {
      const short = shortage();
      if (short !== null) throw new Problem('no-space', short);
      asking = true;
      const capacity = await admission.forJobs().finally(() => (asking = false));
      all = capacity.all;
      // Nothing is awaited from here on: two calls at once don't start one execution twice.
      while (!closing.signal.aborted && startNext(capacity));
    } catch (error) {
      if (closing.signal.aborted) return;
      if (!(error instanceof Problem)) onError(error);
      reasons = new Map(lines.all().map((line) => [line, lower(error instanceof Error ? error.message : String(error))]));
      tell();
    }
    // What kernels use changes by itself, what waits gets older, and an engine that was away comes back.
    clearTimeout(timer);
    if (lines.count() > 0 && !closing.signal.aborted) timer = setTimeout(() => void advance(), lookAgainMilliseconds).unref();
  }

  /** false: nothing more can start. */
  function startNext({ pool }: { pool: Amount }): boolean {
    const free = subtract(pool, sum([...running.values()].map(({ wanted }) => wanted)));
    const uses = new Map([...lines.projects()].map((projectId) => [projectId, usedBy(projectId)]));
    const heads = lines.all().map((line) => {
      const { project, user, wanted, submitted } = line.items[0]!;
      return { projectId: project.id, user, wanted, submitted, place: line.items[0]!.place, line };
    });
    const isOpen = (head: { projectId: string; wanted: Amount }) =>
      lacking(head.wanted, pool).length === 0 &&
      lacking(head.wanted, roomOf(head.projectId, { ...admission.ofProject(head.projectId), running: 0 })).length === 0;
    const next = findNext({ heads, had: had(), free, roomOf: (id) => roomOf(id, uses.get(id)!), isOpen, now: now() });
    held = next.held;
    if (next.start) {
      start(lines.take(next.start.line));
      return true;
    }
    const explain = (head: (typeof heads)[number], blocked: Blocked) =>
      describeBlock({
        project: head.line.items[0]!.project.name,
        wanted: head.wanted,
        blocked,
        used: uses.get(head.projectId)!,
        limits: admission.limitsOf(head.projectId),
        free,
        all: all!,
        kernels: admission.takenByKernels(),
      });
    reasons = new Map([...next.blocked].map(([head, blocked]) => [head.line, explain(head, blocked)]));
    tell();
    return false;
  }

  function start(queued: Queued): void {
    const { id, project, user, wanted } = queued;
    const gpus = pickGpus(wanted.gpus, all!.gpus, admission.gpusTaken());
    running.set(id, { id, project, user, wanted, gpus, since: now() });
    queued.start(gpus);
  }

  function tell(): void {
    for (const line of lines.all()) {
      for (const [at, queued] of line.items.slice(0, told).entries()) queued.onWait(causeAt(line, at));
    }
  }

  const causeAt = (line: Line<Queued>, at: number): string =>
    describeWait({ user: line.items[at]!.user, place: at + 1, length: line.items.length, why: reasons.get(line) ?? null });

  return {
    /** Before what waited and ran is added again. */
    restore: async (): Promise<void> => shares.restore(await rows.shares()),
    /** @throws Problem `invalid`, with the numbers, for what can never start here */
    async refuseImpossible(project: ProjectRef, wanted: Amount): Promise<void> {
      admission.refuseImpossible(project, wanted, 'The job');
      refuseImpossible(wanted, (await admission.forJobs()).all, 'The job');
    },
    /** At the end of its user's line. `again`: it waited already when this gateway started. */
    add(queued: Omit<Queued, 'place'>, { again = false }: { again?: boolean } = {}): void {
      const { project, user } = queued;
      if (!again) {
        const active = [...running.values(), ...lines.all().map((line) => line.items[0]!)];
        const members = new Set(active.flatMap((one) => (one.project.id === project.id ? [one.user] : [])));
        const projects = new Set(active.map((one) => one.project.id));
        const users = new Set(active.map((one) => one.user));
        if (!members.has(user)) remember(shares.enter({ projectId: project.id, user }, had(), { projects, users, members }));
      }
      lines.add(queued);
      void advance();
    },
    /** One that was started before this gateway was. */
    hold: (held: Held): void => void running.set(held.id, held),
    /** false: it is not in the queue any more. */
    leave(id: string): boolean {
      if (!lines.leave(id)) return false;
      void advance();
      return true;
    },
    /** What it took is free again. */
    release(id: string): void {
      const ended = running.get(id);
      if (!running.delete(id)) return;
      remember(shares.charge(served(ended!), now()));
      if (lines.count() > 0) void advance();
    },
    /** Something else than an execution has changed: a limit, a kernel. */
    lookAgain: (): void => void (lines.count() > 0 && advance()),
    /** Why it waits at this moment. null: it does not. */
    causeOf(id: string): string | null {
      const found = lines.find(id);
      return found && causeAt(found.line, found.at);
    },
    uses: (): JobUse[] =>
      [...running.values()].map(({ project, user, wanted, gpus }) => ({ ...wanted, projectId: project.id, user, gpuIds: gpus })),
    /** Those that wait, of each user of each project. */
    waiting: () => lines.all().map(({ items }) => ({ projectId: items[0]!.project.id, user: items[0]!.user, queued: items.length })),
    held: (): Amount => held,
    forgetProject: ({ id }: { id: string }): void => shares.forgetProject(id),
    async close(): Promise<void> {
      closing.abort();
      clearTimeout(timer);
      await saves;
    },
  };
}

const lower = (sentence: string): string => (sentence[0] ?? '').toLowerCase() + sentence.slice(1).replace(/\.$/, '');
