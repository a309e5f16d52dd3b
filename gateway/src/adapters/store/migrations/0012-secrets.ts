/** Secrets, sealed. Each goes with the project or the user that it belongs to. And which of them kernels were started with. */
import { sql } from 'kysely';
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('secrets')
    // One of the two is null.
    .addColumn('project_id', 'text', (column) => column.references('projects.id').onDelete('cascade'))
    .addColumn('user', 'text', (column) => column.references('users.name').onDelete('cascade'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('sealed', 'text', (column) => column.notNull())
    .addColumn('set_by', 'text', (column) => column.notNull())
    .addColumn('set', 'text', (column) => column.notNull())
    .execute();
  for (const owner of ['project_id', 'user']) {
    await db.schema
      .createIndex(`secrets_${owner}`)
      .on('secrets')
      .columns([owner, 'name'])
      .unique()
      .where(sql.ref(owner), 'is not', null)
      .execute();
  }
  await db.schema
    .alterTable('kernels')
    .addColumn('secrets', 'text', (column) => column.notNull().defaultTo('[]'))
    .execute();
  await db.schema
    .alterTable('kernels')
    .addColumn('private', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}
