/** Tokens of users for Git servers, sealed, and who they commit as. Both go with their user. */
import type { Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('git_credentials')
    .addColumn('user', 'text', (column) => column.notNull().references('users.name').onDelete('cascade'))
    .addColumn('host', 'text', (column) => column.notNull())
    .addColumn('username', 'text', (column) => column.notNull())
    .addColumn('secret', 'text', (column) => column.notNull())
    .addColumn('added', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('git_credentials_key', ['user', 'host'])
    .execute();
  await db.schema
    .createTable('git_identities')
    .addColumn('user', 'text', (column) => column.primaryKey().references('users.name').onDelete('cascade'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('email', 'text', (column) => column.notNull())
    .execute();
}
