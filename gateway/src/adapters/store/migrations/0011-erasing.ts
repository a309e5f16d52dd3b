/** Projects of which parts are deleted for good already. */
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('projects')
    .addColumn('erasing', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}
