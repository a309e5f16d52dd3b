/** Each project has a user id of its own on the gateway's machine. */
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('projects').addColumn('uid', 'integer').execute();
  await db.schema.createIndex('projects_uid').on('projects').column('uid').unique().execute();
}
