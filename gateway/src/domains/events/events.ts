/**
 * Every change of anything, numbered. An event is written before anybody sees it, so that the number that a client saw
 * last means the same after a crash. Each subscriber reads on from its own number at its own pace.
 */
import { Event } from '@bine/shared';
import type { EventBatch, EventReader, EventRows, StoredEvent } from '../../ports/state/events.ts';
import { createChanges } from '../../lib/changes.ts';
import { delay } from '../../lib/delay.ts';
import { createPause } from '../../lib/pause.ts';

/** What a publisher says; the number and the time are given here. */
export type NewEvent = Event extends infer One ? (One extends Event ? Omit<One, 'id' | 'time'> : never) : never;

export type Subscription = {
  /** The id that the client saw last; without it, only new events. */
  after?: number | undefined;
  /** Whose membership the database looks at, so that what is not for this client is not even read. Without it, everything. */
  reader?: EventReader;
  /** Those of the events that this client may see at this moment. */
  only: (events: StoredEvent[]) => Promise<StoredEvent[]>;
  signal: AbortSignal;
};

export type Events = {
  /** `projectId` where the project's name may not be enough to find it, as when it was just deleted. */
  publish(event: NewEvent, projectId?: string): void;
  subscribe(subscription: Subscription): AsyncIterable<Event>;
  [Symbol.asyncDispose](): Promise<void>;
};

export type EventsOptions = {
  rows: EventRows;
  onError: (error: unknown) => void;
  /** What is kept: no event older than `days`, and no more than `count`. */
  keep?: { days: number; count: number };
};

const day = 24 * 3600 * 1000;
const batchSize = 200;
/** Ids of which one query looks for events. */
const readSize = 500;
const recentSize = 1000;
const pruneEvery = 1000;

export async function createEvents({ rows, onError, keep = { days: 30, count: 100_000 } }: EventsOptions): Promise<Events> {
  const closing = new AbortController();
  const ended = new AbortController();
  const prune = () => rows.prune({ before: new Date(Date.now() - keep.days * day).toISOString(), keep: keep.count });
  await prune();
  const { last } = await rows.bounds();
  const log = createLog({ rows, onError, last, prune, closing: closing.signal });

  return {
    publish(event, projectId) {
      log.append(event, projectId ?? null);
    },
    subscribe: (subscription) => follow(log, { ...subscription, signal: AbortSignal.any([subscription.signal, ended.signal]) }),
    async [Symbol.asyncDispose]() {
      closing.abort();
      await log.written();
      ended.abort();
    },
  };
}

type EventLog = ReturnType<typeof createLog>;

/** The table with its newest events in memory too, so that many subscribers cost one read. */
function createLog(options: EventsOptions & { last: number; prune: () => Promise<void>; closing: AbortSignal }) {
  const { rows, onError, prune, closing } = options;
  const changes = createChanges();
  const recent: StoredEvent[] = [];
  const unwritten: StoredEvent[] = [];
  let given = options.last;
  let reached = options.last;
  let writing: Promise<void> | null = null;

  const write = async () => {
    while (unwritten.length > 0) {
      const batch = unwritten.slice(0, batchSize);
      try {
        recent.push(...(await rows.append(batch)));
      } catch (error) {
        // Nothing is lost or reordered by waiting, say for room on the disk.
        onError(error);
        if (closing.aborted) break;
        await delay(1000, closing);
        continue;
      }
      unwritten.splice(0, batch.length);
      recent.splice(0, recent.length - recentSize);
      const before = reached;
      reached = batch.at(-1)!.event.id;
      changes.ring();
      if (Math.floor(before / pruneEvery) < Math.floor(reached / pruneEvery)) await prune().catch(onError);
    }
    writing = null;
  };

  return {
    changes,
    bounds: rows.bounds,
    reached: () => reached,
    written: async () => writing,
    append(event: NewEvent, projectId: string | null) {
      // Checked here, once, and never again: whoever reads it later takes it as it is.
      const checked = Event.safeParse({ ...event, id: given + 1, time: new Date().toISOString() });
      if (!checked.success) {
        onError(new Error(`an event of type ${event.type} is not as the contract has it`, { cause: checked.error }));
        return;
      }
      given += 1;
      unwritten.push({ event: checked.data, projectId });
      writing ??= write();
    },
    async after(id: number, reader: EventReader): Promise<EventBatch> {
      const first = recent[0]?.event.id ?? Number.POSITIVE_INFINITY;
      if (id < first - 1) return rows.after(id, readSize, reader);
      const events = recent.slice(id - first + 1, id - first + 1 + batchSize);
      return { events, reached: events.at(-1)?.event.id ?? id, outdated: false };
    },
  };
}

async function* follow(log: EventLog, { after, reader = { user: null }, only, signal }: Subscription): AsyncGenerator<Event> {
  // Everything from the database to the socket goes on without a pause as long as the client takes it.
  const pause = createPause();
  let seen = after ?? log.reached();
  if (after !== undefined) {
    const { oldest, last } = await log.bounds();
    if (after > last || after < oldest - 1) {
      seen = after > last ? last : oldest - 1;
      yield reset(seen);
    }
  }
  while (!signal.aborted) {
    if (seen >= log.reached()) {
      await log.changes.next(signal);
      continue;
    }
    const batch = await log.after(seen, reader);
    for (const { event } of await only(batch.events)) {
      if (signal.aborted) return;
      yield event;
      await pause();
    }
    seen = batch.reached;
    // What an earlier version told is of no use to clients of today: they read again what they show.
    if (batch.outdated) yield reset(seen);
    await pause();
  }
}

function reset(id: number): Event {
  return { id, time: new Date().toISOString(), type: 'reset', project: null, data: {} };
}
