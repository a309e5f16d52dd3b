/** The database: SQLite in one file, reached through Kysely only, so that another database can follow. */
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue } from 'node:sqlite';
import { Kysely, SqliteDialect, sql } from 'kysely';
import type { SqliteDatabase } from 'kysely';
import { Migrator } from 'kysely/migration';
import { Problem } from '@bine/shared/problems';
import { isNoSpace } from '../../lib/no-space.ts';
import { backUp, restoring } from './backups.ts';
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
  if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600));
  const sqlite = new DatabaseSync(file, { enableForeignKeyConstraints: true, timeout: 5000 });
  await refuseDamaged(sqlite, file);
  // WAL with synchronous=NORMAL survives the death of the process at any point; a power cut may take the last moments.
  sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: asKyselyDatabase(sqlite, makeRoom) }) });
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrations },
    allowUnorderedMigrations: true,
  });
  await backUpBefore(migrator, sqlite, file);
  const { error } = await migrator.migrateToLatest();
  if (error) {
    await db.destroy();
    throw new Error(`The database ${file} could not be brought up to date. Was it written by a newer Bine?`, { cause: error });
  }
  return { db, [Symbol.asyncDispose]: () => db.destroy() };
}

/** What was written so far outlives a power cut, too. */
export async function flush(db: Database): Promise<void> {
  await sql`PRAGMA wal_checkpoint(FULL)`.execute(db);
}

/** @throws Problem `conflict` that says how to go on */
async function refuseDamaged(sqlite: DatabaseSync, file: string): Promise<void> {
  const wrong = damageOf(sqlite);
  if (wrong === null) return;
  sqlite.close();
  throw new Problem('conflict', `The database ${file} is damaged (${wrong}). ${await restoring(file)}`);
}

function damageOf(sqlite: DatabaseSync): string | null {
  const notADatabase = 26;
  const corrupt = 11;
  try {
    const { quick_check: found } = sqlite.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
    return found === 'ok' ? null : found.replaceAll('\n', ' ');
  } catch (error) {
    const { errcode, message } = error as { errcode?: number; message: string };
    if (errcode === undefined || ![corrupt, notADatabase].includes(errcode & 0xff)) throw error;
    return message;
  }
}

async function backUpBefore(migrator: Migrator, sqlite: DatabaseSync, file: string): Promise<void> {
  const all = await migrator.getMigrations();
  const done = all.filter(({ executedAt }) => executedAt !== undefined);
  if (done.length > 0 && done.length < all.length) await backUp(sqlite, file);
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
        run(values) {
          // A full disk has ended the transaction already; that there is none left must not hide why.
          if (text === 'rollback' && !sqlite.isTransaction) return { changes: 0, lastInsertRowid: 0 };
          return withRoom(() => statement.run(...(values as SQLInputValue[])));
        },
        iterate: (values) => statement.iterate(...(values as SQLInputValue[])),
      };
    },
  };
}
