/** Kernels that were being brought to another revision of their environment when a gateway died. */
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('kernels')
    .addColumn('parts', 'text', (column) => column.notNull().defaultTo('[]'))
    .execute();
}
