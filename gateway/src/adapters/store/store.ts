/** The database: SQLite in one file, reached through Kysely only, so that another database can follow. */
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue } from 'node:sqlite';
import { Kysely, SqliteDialect } from 'kysely';
import type { SqliteDatabase } from 'kysely';
import { Migrator } from 'kysely/migration';
import { migrations } from './migrations/index.ts';
import type { Tables } from './tables.ts';

export type Database = Kysely<Tables>;

export type Store = { db: Database; [Symbol.asyncDispose](): Promise<void> };

/** Opens the file, creates it if it is missing, and brings its tables up to date. */
export async function openStore(file: string): Promise<Store> {
  const sqlite = new DatabaseSync(file, { enableForeignKeyConstraints: true, timeout: 5000 });
  // WAL with synchronous=NORMAL survives the death of the process at any point; a power cut may take the last moments.
  sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: asKyselyDatabase(sqlite) }) });
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    allowUnorderedMigrations: true,
  }).migrateToLatest();
  if (error) {
    await db.destroy();
    throw new Error(`The database ${file} could not be brought up to date. Was it written by a newer Bine?`, { cause: error });
  }
  return { db, [Symbol.asyncDispose]: () => db.destroy() };
}

/** Kysely asks for the shape of better-sqlite3; node:sqlite differs in how values are passed and in `reader`. */
function asKyselyDatabase(sqlite: DatabaseSync): SqliteDatabase {
  return {
    close: () => sqlite.close(),
    prepare: (text) => {
      const statement = sqlite.prepare(text);
      return {
        reader: statement.columns().length > 0,
        all: (values) => statement.all(...(values as SQLInputValue[])),
        run: (values) => statement.run(...(values as SQLInputValue[])),
        iterate: (values) => statement.iterate(...(values as SQLInputValue[])),
      };
    },
  };
}
