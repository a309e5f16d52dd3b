/** Jobs, their executions and schedules. What an execution said and how it ended is in its folder; this is an index over that. */
import { sql } from 'kysely';
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('jobs')
    // No foreign key: what a project leaves behind is cleared by whoever deletes the folders.
    .addColumn('project_id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('program', 'text', (column) => column.notNull())
    .addColumn('keep', 'integer', (column) => column.notNull())
    .addColumn('created', 'text', (column) => column.notNull())
    .addColumn('user', 'text', (column) => column.notNull())
    // Numbers are not given again when executions are forgotten.
    .addColumn('last_number', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('jobs_key', ['project_id', 'name'])
    .execute();
  await createExecutions(db);
  await db.schema
    .createTable('schedules')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('project_id', 'text', (column) => column.notNull())
    .addColumn('job', 'text', (column) => column.notNull())
    .addColumn('cron', 'text', (column) => column.notNull())
    .addColumn('timezone', 'text', (column) => column.notNull())
    .addColumn('paused', 'integer', (column) => column.notNull())
    .addColumn('missed', 'text', (column) => column.notNull())
    .addColumn('snapshot', 'text')
    .addColumn('user', 'text', (column) => column.notNull())
    .addColumn('created', 'text', (column) => column.notNull())
    .addColumn('seen', 'text', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('schedules_job').on('schedules').columns(['project_id', 'job']).execute();
  await extendFullKeys(db);
}

async function createExecutions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('executions')
    // Grows: the order in which they were submitted.
    .addColumn('seq', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('project_id', 'text', (column) => column.notNull())
    .addColumn('job', 'text', (column) => column.notNull())
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('cause', 'text')
    .addColumn('exit_code', 'integer')
    .addColumn('user', 'text', (column) => column.notNull())
    .addColumn('trigger', 'text', (column) => column.notNull())
    .addColumn('schedule', 'text')
    .addColumn('submitted', 'text', (column) => column.notNull())
    .addColumn('started', 'text')
    .addColumn('ended', 'text')
    .addColumn('cells', 'text')
    .addColumn('inputs', 'text', (column) => column.notNull())
    .addColumn('idempotency_key', 'text')
    .addColumn('tick', 'text')
    .addColumn('stopping', 'text')
    .execute();
  await db.schema.createIndex('executions_job').on('executions').columns(['project_id', 'job', 'seq']).execute();
  await db.schema
    .createIndex('executions_idempotency')
    .on('executions')
    .columns(['project_id', 'job', 'idempotency_key'])
    .unique()
    .where(sql.ref('idempotency_key'), 'is not', null)
    .execute();
  // At most one execution for a tick, whatever dies in between.
  await db.schema
    .createIndex('executions_tick')
    .on('executions')
    .columns(['schedule', 'tick'])
    .unique()
    .where(sql.ref('tick'), 'is not', null)
    .execute();
}

/** Whoever was given all there was to give is given this too: the machine's own key above all. */
async function extendFullKeys(db: Kysely<unknown>): Promise<void> {
  await sql`UPDATE keys SET scopes = json_insert(scopes, '$[#]', 'jobs:read', '$[#]', 'jobs:write') WHERE json_array_length(scopes) = 13`.execute(
    db,
  );
}
