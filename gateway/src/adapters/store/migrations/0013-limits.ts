/** Limits of projects, and how much of the queue projects and their users have had. */
import { sql } from 'kysely';
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('limits')
    // No foreign keys: what a project leaves behind is cleared by whoever deletes the folders.
    .addColumn('project_id', 'text', (column) => column.primaryKey())
    .addColumn('limits', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('shares')
    .addColumn('project_id', 'text', (column) => column.notNull())
    .addColumn('user', 'text', (column) => column.notNull())
    .addColumn('used', 'real', (column) => column.notNull())
    .addPrimaryKeyConstraint('shares_key', ['project_id', 'user'])
    .execute();
  // Counting what waits must not read all that has ended.
  await db.schema
    .createIndex('executions_queued')
    .on('executions')
    .columns(['project_id', 'schedule'])
    .where(sql.ref('state'), '=', 'queued')
    .execute();
  await db.schema
    .alterTable('schedules')
    .addColumn('skipped', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema.alterTable('schedules').addColumn('skip_cause', 'text').execute();
}
