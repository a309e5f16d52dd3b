/** Which key made a key, and users who may not sign in. */
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('keys')
    // A key that ends takes those that it made along. Keys of earlier versions have no parent.
    .addColumn('parent', 'text', (column) => column.references('keys.id').onDelete('cascade'))
    .execute();
  await db.schema.createIndex('keys_parent').on('keys').column('parent').execute();
  await db.schema
    .alterTable('users')
    .addColumn('disabled', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}
