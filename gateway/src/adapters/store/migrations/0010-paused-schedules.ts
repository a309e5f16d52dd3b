/** Why a schedule was paused by the gateway. */
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('schedules').addColumn('pause_reason', 'text').execute();
}
