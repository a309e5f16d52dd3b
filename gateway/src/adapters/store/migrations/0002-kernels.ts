/** Kernels: an index over containers and over the logs in their folders. */
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('kernels')
    .addColumn('id', 'text', (column) => column.primaryKey())
    // No foreign key: what a project leaves behind is cleared by whoever deletes the folders.
    .addColumn('project_id', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('notebook', 'text')
    .addColumn('user', 'text', (column) => column.notNull())
    .addColumn('memory', 'integer', (column) => column.notNull())
    .addColumn('cores', 'real', (column) => column.notNull())
    .addColumn('gpus', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('cause', 'text')
    .addColumn('started', 'text', (column) => column.notNull())
    .addColumn('last_activity', 'text', (column) => column.notNull())
    .addColumn('epoch', 'integer', (column) => column.notNull())
    .addColumn('head', 'integer', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('kernels_project').on('kernels').columns(['project_id', 'started']).execute();
}
