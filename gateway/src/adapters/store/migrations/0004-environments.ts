/** Environments of projects, their revisions, what was asked of them, and what is in each image. */
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('environments')
    .addColumn('id', 'text', (column) => column.primaryKey())
    // No foreign key: the images that a project leaves behind are cleared by whoever deletes the rows.
    .addColumn('project_id', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('purpose', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addUniqueConstraint('environments_name', ['project_id', 'name'])
    .execute();
  await createChanges(db);
  await createRevisions(db);
  await db.schema
    .createTable('image_packages')
    .addColumn('image', 'text', (column) => column.primaryKey())
    .addColumn('packages', 'text', (column) => column.notNull())
    .execute();
  await db.schema.alterTable('kernels').addColumn('revision', 'integer').execute();
}

async function createChanges(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('changes')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('environment_id', 'text', (column) => column.notNull().references('environments.id').onDelete('cascade'))
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('install', 'text', (column) => column.notNull())
    .addColumn('uninstall', 'text', (column) => column.notNull())
    .addColumn('rollback_to', 'integer')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('problem', 'text')
    .addColumn('user', 'text', (column) => column.notNull())
    .addColumn('submitted', 'text', (column) => column.notNull())
    .addColumn('ended', 'text')
    .addColumn('revision', 'integer')
    .addColumn('idempotency_key', 'text')
    .addUniqueConstraint('changes_key', ['environment_id', 'idempotency_key'])
    .execute();
  await db.schema.createIndex('changes_environment').on('changes').columns(['environment_id', 'submitted']).execute();
}

async function createRevisions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('revisions')
    .addColumn('environment_id', 'text', (column) => column.notNull().references('environments.id').onDelete('cascade'))
    .addColumn('number', 'integer', (column) => column.notNull())
    .addColumn('time', 'text', (column) => column.notNull())
    .addColumn('user', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('summary', 'text', (column) => column.notNull())
    .addColumn('changes', 'text', (column) => column.notNull())
    .addColumn('direct', 'text', (column) => column.notNull())
    .addColumn('image', 'text', (column) => column.notNull())
    .addColumn('rollback_to', 'integer')
    .addColumn('change_id', 'text')
    .addPrimaryKeyConstraint('revisions_key', ['environment_id', 'number'])
    .execute();
}
