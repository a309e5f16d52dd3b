/** Events in the database. */
import { Event } from '@bine/shared';
import type { Database } from './store.ts';
import type { Tables } from './tables.ts';

/** An event with the id of its project: a project's name may belong to another one later. Null: of no project. */
export type StoredEvent = { event: Event; projectId: string | null };

export type EventRows = ReturnType<typeof createEventRows>;

export function createEventRows(db: Database) {
  /** Both 0 when there has never been one. */
  async function bounds(): Promise<{ oldest: number; last: number }> {
    const ids = await db
      .selectFrom('events')
      .select(({ fn }) => [fn.min('id').as('oldest'), fn.max('id').as('last')])
      .executeTakeFirstOrThrow();
    return { oldest: ids.oldest ?? 0, last: ids.last ?? 0 };
  }

  return {
    bounds,

    /** Writes them all or none. Finds the project of an event by its name where the caller gave no id. */
    async append(events: readonly StoredEvent[]): Promise<StoredEvent[]> {
      return db.transaction().execute(async (transaction) => {
        const stored: StoredEvent[] = [];
        for (const { event, projectId } of events) {
          const project_id = projectId ?? (await newestProject(transaction, event.project));
          const { id, time, project, type, data } = event;
          await transaction
            .insertInto('events')
            .values({ id, time, project_id, project, type, data: JSON.stringify(data) })
            .execute();
          stored.push({ event, projectId: project_id });
        }
        return stored;
      });
    },

    /** The oldest `limit` of those with a greater id, and how far that reaches. */
    async after(id: number, limit: number): Promise<{ events: StoredEvent[]; reached: number }> {
      const rows = await db.selectFrom('events').selectAll().where('id', '>', id).orderBy('id').limit(limit).execute();
      return { events: rows.flatMap(toStored), reached: rows.at(-1)?.id ?? id };
    },

    /** Keeps the last one in any case: ids go on from there. */
    async prune({ before, keep }: { before: string; keep: number }): Promise<void> {
      const { last } = await bounds();
      await db
        .deleteFrom('events')
        .where('id', '<', last)
        .where(({ eb, or }) => or([eb('time', '<', before), eb('id', '<=', last - keep)]))
        .execute();
    },
  };
}

async function newestProject(db: Database, name: string | null): Promise<string | null> {
  if (name === null) return null;
  const rows = await db.selectFrom('projects').select(['id', 'deleted']).where('name', '=', name).orderBy('deleted', 'desc').execute();
  return (rows.find((row) => row.deleted === null) ?? rows[0])?.id ?? null;
}

/** Events of a shape that a former version wrote are left out: what they told is of no use to today's clients. */
function toStored(row: Tables['events']): StoredEvent[] {
  const { id, time, project, type } = row;
  const parsed = Event.safeParse({ id, time, project, type, data: JSON.parse(row.data) });
  return parsed.success ? [{ event: parsed.data, projectId: row.project_id }] : [];
}
