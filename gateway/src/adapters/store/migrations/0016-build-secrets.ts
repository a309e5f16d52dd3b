/** Names of the secrets that the builds of a change are given. */
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('changes')
    .addColumn('secrets', 'text', (column) => column.notNull().defaultTo('[]'))
    .execute();
}
