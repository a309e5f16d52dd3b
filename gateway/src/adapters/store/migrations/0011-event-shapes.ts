/** Of each event, the shape that its type had when it was written. */
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('events')
    .addColumn('shape', 'text', (column) => column.notNull().defaultTo(''))
    .execute();
}
