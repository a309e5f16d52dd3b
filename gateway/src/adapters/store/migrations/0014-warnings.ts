/** What of an execution's inputs had no effect, or was left out. */
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('executions')
    .addColumn('warnings', 'text', (column) => column.notNull().defaultTo('[]'))
    .execute();
}
