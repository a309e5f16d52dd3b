/** Events in the database. */
import { createHash } from 'node:crypto';
import { Event } from '@bine/shared';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Selectable } from 'kysely';
import type { Database } from './store.ts';
import type { Tables } from './tables.ts';
import type { EventBatch, EventReader, EventRows, StoredEvent } from '../../ports/state/events.ts';

export function createEventRows(db: Database): EventRows {
  async function bounds(): Promise<{ oldest: number; last: number }> {
    // One by one: SQLite looks up a single minimum or maximum, but reads the whole table for both.
    const oldest = await db
      .selectFrom('events')
      .select(({ fn }) => fn.min('id').as('id'))
      .executeTakeFirst();
    const last = await db
      .selectFrom('events')
      .select(({ fn }) => fn.max('id').as('id'))
      .executeTakeFirst();
    return { oldest: oldest?.id ?? 0, last: last?.id ?? 0 };
  }

  return {
    bounds,

    async append(events: readonly StoredEvent[]): Promise<StoredEvent[]> {
      return db.transaction().execute(async (transaction) => {
        const stored: StoredEvent[] = [];
        for (const { event, projectId } of events) {
          const project_id = projectId ?? (await newestProject(transaction, event.project));
          const { id, time, project, type, data } = event;
          await transaction
            .insertInto('events')
            .values({ id, time, project_id, project, type, data: JSON.stringify(data), shape: shapes.get(type) ?? '' })
            .execute();
          stored.push({ event, projectId: project_id });
        }
        return stored;
      });
    },

    async after(id: number, limit: number, reader: EventReader): Promise<EventBatch> {
      const last = (await bounds()).last;
      const until = Math.min(id + limit, last);
      let query = db.selectFrom('events').selectAll().where('id', '>', id).where('id', '<=', until).orderBy('id');
      const { user } = reader;
      if (user !== null) {
        const mine = db.selectFrom('members').select('project_id').where('user', '=', user);
        const leaving = sql<boolean>`(type = 'member.removed' and json_extract(data, '$.user') = ${user})`;
        query = query.where(({ eb, or }) => or([eb('project_id', 'is', null), eb('project_id', 'in', mine), leaving]));
      }
      const rows = await query.execute();
      const current = rows.filter((row) => row.shape === shapes.get(row.type));
      return { events: current.map(toStored), reached: Math.max(until, id), outdated: current.length < rows.length };
    },

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

/**
 * What an event of each type looks like in this version, as a digest. Events are checked when they are published; those of an earlier
 * version are known by another digest, which costs nothing to compare.
 */
const shapes = new Map<string, string>(
  Event.options.map((option) => {
    const text = JSON.stringify(z.toJSONSchema(option, { unrepresentable: 'any' }));
    return [option.shape.type.value, createHash('sha256').update(text).digest('hex').slice(0, 16)];
  }),
);

/** The gateway wrote it itself, in the shape of today. */
function toStored({ id, time, project, type, data, project_id }: Selectable<Tables['events']>): StoredEvent {
  return { event: { id, time, project, type, data: JSON.parse(data) } as Event, projectId: project_id };
}
