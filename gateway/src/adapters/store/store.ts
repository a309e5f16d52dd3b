/** The database: SQLite in one file, reached through Kysely only, so that another database can follow. */
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue } from 'node:sqlite';
import { Kysely, SqliteDialect } from 'kysely';
import type { SqliteDatabase } from 'kysely';
import { Migrator } from 'kysely/migration';
import { isNoSpace } from '../../lib/no-space.ts';
import { migrations } from './migrations/index.ts';
import type { Tables } from './tables.ts';

export type Database = Kysely<Tables>;

export type Store = { db: Database; [Symbol.asyncDispose](): Promise<void> };

export type StoreOptions = {
  /** Makes room on the disk of the database. false: there is none to make. */
  makeRoom?: () => boolean;
};

/** Opens the file, creates it if it is missing, and brings its tables up to date. */
export async function openStore(file: string, { makeRoom = () => false }: StoreOptions = {}): Promise<Store> {
  const sqlite = new DatabaseSync(file, { enableForeignKeyConstraints: true, timeout: 5000 });
  // WAL with synchronous=NORMAL survives the death of the process at any point; a power cut may take the last moments.
  sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: asKyselyDatabase(sqlite, makeRoom) }) });
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
function asKyselyDatabase(sqlite: DatabaseSync, makeRoom: () => boolean): SqliteDatabase {
  /** Once more with the room that was made, unless what failed has taken its transaction along. */
  const withRoom = <T>(work: () => T): T => {
    const inTransaction = sqlite.isTransaction;
    try {
      return work();
    } catch (error) {
      if (!isNoSpace(error) || sqlite.isTransaction !== inTransaction || !makeRoom()) throw error;
      return work();
    }
  };
  return {
    close: () => sqlite.close(),
    prepare: (text) => {
      const statement = sqlite.prepare(text);
      return {
        reader: statement.columns().length > 0,
        all: (values) => withRoom(() => statement.all(...(values as SQLInputValue[]))),
        run: (values) => withRoom(() => statement.run(...(values as SQLInputValue[]))),
        iterate: (values) => statement.iterate(...(values as SQLInputValue[])),
      };
    },
  };
}
