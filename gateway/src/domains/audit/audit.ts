/**
 * The audit log: an entry for each call that changes something or was refused, written before its caller has the answer. Where it cannot be
 * written, say on a full disk, the gateway goes on and counts; the count is the first entry when there is room again.
 */
import { AuditEntry } from '@bine/shared';
import { problems } from '@bine/shared/problems';
import { createChanges } from '../../lib/changes.ts';
import type { AuditLog } from '../../ports/audit-log.ts';
import { createFloodLimit } from './flood-limit.ts';
import { subjectOf } from './subject.ts';

export type NewAuditEntry = Pick<AuditEntry, 'user' | 'key' | 'address' | 'procedure' | 'outcome'> & {
  /** The call's input, of which only names and ids are kept. */
  input: unknown;
};

export type AuditFilter = {
  user?: string | undefined;
  key?: string | undefined;
  project?: string | undefined;
  since?: string | undefined;
  outcome?: string | undefined;
};

export type Audit = Awaited<ReturnType<typeof createAudit>>;

export type AuditOptions = { log: AuditLog; onError: (error: unknown) => void };

const recentSize = 1000;
/** Entries of one user in a minute; the others are counted. */
const mostRefusals = 200;
/** Outcomes of calls that did nothing. After any other, something may have been done. */
const refusals = new Set([
  ...Object.entries(problems).flatMap(([code, { status }]) => (status < 424 || status === 429 ? [code] : [])),
  'quota-exceeded',
  'no-capacity',
]);

export async function createAudit({ log, onError }: AuditOptions) {
  const changes = createChanges();
  const recent: AuditEntry[] = [];
  let last = await lastId(log);
  let dropped = 0;

  const write = (entry: Omit<AuditEntry, 'id' | 'time'>) => {
    const full = { id: last + 1, time: new Date().toISOString(), ...entry };
    log.append(JSON.stringify(full));
    last += 1;
    recent.push(full);
    recent.splice(0, recent.length - recentSize);
  };

  const writeDropped = () => {
    if (dropped === 0) return;
    write({ ...itself, procedure: 'audit.dropped', subject: { entries: String(dropped) }, outcome: 'no-space' });
    dropped = 0;
  };

  const append = (entry: Omit<AuditEntry, 'id' | 'time'>) => {
    try {
      writeDropped();
      write(entry);
      changes.ring();
    } catch (error) {
      // Once, not for every call until there is room.
      if (dropped === 0) onError(new Error('The audit log cannot be written; entries are counted until it can.', { cause: error }));
      dropped += 1;
    }
  };

  const strangerLimit = createFloodLimit((address, count) =>
    append({ ...itself, address, procedure: 'sign-in', subject: { more: String(count) }, outcome: 'bad-key' }),
  );

  const refusalLimit = createFloodLimit(
    (user, count) => append({ ...itself, user, procedure: 'refused', subject: { more: String(count) }, outcome: 'refused' }),
    mostRefusals,
  );

  return {
    record({ input, ...entry }: NewAuditEntry): void {
      // Nobody must be able to push everything else out of the log by calls that do nothing.
      if (entry.user === null && !strangerLimit.admit(entry.address ?? '')) return;
      if (entry.user !== null && refusals.has(entry.outcome) && !refusalLimit.admit(entry.user)) return;
      append({ ...entry, subject: subjectOf(input) });
    },

    /** Newest first. */
    async list({ limit, before = Number.POSITIVE_INFINITY, ...filter }: AuditFilter & { limit: number; before?: number | undefined }) {
      const found: AuditEntry[] = [];
      for await (const lines of log.segments()) {
        const inSegment: AuditEntry[] = [];
        let oldest: string | null = null;
        for await (const entry of entriesIn(lines)) {
          oldest ??= entry.time;
          if (entry.id >= before) break;
          if (!matches(entry, filter)) continue;
          inSegment.push(entry);
          if (inSegment.length > limit) inSegment.shift();
        }
        found.push(...inSegment.toReversed().slice(0, limit - found.length));
        if (found.length >= limit || (filter.since && oldest !== null && oldest < filter.since)) break;
      }
      return found;
    },

    async *follow(
      { after = last, ...filter }: AuditFilter & { after?: number | undefined },
      signal: AbortSignal,
    ): AsyncGenerator<AuditEntry> {
      for (let seen = after; !signal.aborted;) {
        if (seen >= last) {
          await changes.next(signal);
          continue;
        }
        for (const entry of await entriesAfter(seen)) {
          seen = entry.id;
          if (matches(entry, filter)) yield entry;
        }
      }
    },

    [Symbol.dispose](): void {
      strangerLimit.stop();
      refusalLimit.stop();
      try {
        writeDropped();
      } catch (error) {
        onError(error);
      }
    },
  };

  async function entriesAfter(id: number): Promise<AuditEntry[]> {
    const first = recent[0]?.id ?? Number.POSITIVE_INFINITY;
    if (id >= first - 1) return recent.slice(id - first + 1);
    const found: AuditEntry[] = [];
    for await (const lines of log.segments()) {
      const inSegment: AuditEntry[] = [];
      let reached = false;
      for await (const entry of entriesIn(lines)) {
        if (entry.id > id) inSegment.push(entry);
        else reached = true;
      }
      found.unshift(...inSegment);
      if (reached) break;
    }
    // A gap in the files must not be asked for for ever.
    return found.length > 0 ? found : recent;
  }
}

const itself = { user: null, key: null, address: null } as const;

function matches(entry: AuditEntry, { user, key, project, since, outcome }: AuditFilter): boolean {
  if (user !== undefined && entry.user !== user) return false;
  if (key !== undefined && entry.key?.id !== key) return false;
  if (project !== undefined && entry.subject['project'] !== project) return false;
  if (since !== undefined && entry.time < since) return false;
  if (outcome === 'refused') return entry.outcome !== 'ok';
  return outcome === undefined || entry.outcome === outcome;
}

async function* entriesIn(lines: AsyncIterable<string>): AsyncGenerator<AuditEntry> {
  for await (const line of lines) {
    const entry = parse(line);
    if (entry) yield entry;
  }
}

/** Null: the machine died while it was written, or somebody edited the file. */
function parse(line: string): AuditEntry | null {
  try {
    return AuditEntry.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

async function lastId(log: AuditLog): Promise<number> {
  for await (const lines of log.segments()) {
    let last: number | null = null;
    for await (const { id } of entriesIn(lines)) last = Math.max(last ?? 0, id);
    if (last !== null) return last;
  }
  return 0;
}
