/** Users and keys in the database. */
import { Scope } from '@bine/shared';
import type { Key, User } from '@bine/shared';
import type { Database } from './store.ts';
import type { Tables } from './tables.ts';

export type AccessRows = ReturnType<typeof createAccessRows>;

export function createAccessRows(db: Database) {
  return { ...userRows(db), ...keyRows(db) };
}

function userRows(db: Database) {
  return {
    listUsers: async (): Promise<User[]> => (await db.selectFrom('users').selectAll().orderBy('name').execute()).map(toUser),

    async findUser(name: string): Promise<User | null> {
      const row = await db.selectFrom('users').selectAll().where('name', '=', name).executeTakeFirst();
      return row ? toUser(row) : null;
    },

    /** False: there is one of that name. */
    async addUser(user: User): Promise<boolean> {
      const values = { name: user.name, admin: user.admin ? 1 : 0, created: user.created };
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('users')
        .values(values)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },

    /** With the keys and memberships. */
    async removeUser(name: string): Promise<void> {
      await db.deleteFrom('users').where('name', '=', name).execute();
    },
  };
}

function keyRows(db: Database) {
  return {
    /** Of one user, or of all for null; newest first. */
    async listKeys(user: string | null): Promise<Key[]> {
      const query = db.selectFrom('keys').selectAll().orderBy('created', 'desc').orderBy('id');
      const rows = await (user === null ? query : query.where('user', '=', user)).execute();
      return rows.map(toKey);
    },

    async findKey(hash: string): Promise<{ key: Key; admin: boolean } | null> {
      const row = await db
        .selectFrom('keys')
        .innerJoin('users', 'users.name', 'keys.user')
        .selectAll('keys')
        .select('users.admin')
        .where('keys.hash', '=', hash)
        .executeTakeFirst();
      return row ? { key: toKey(row), admin: row.admin === 1 } : null;
    },

    async addKey(key: Key, hash: string): Promise<void> {
      const { lastUsed, scopes, ...rest } = key;
      await db
        .insertInto('keys')
        .values({ ...rest, hash, scopes: JSON.stringify(scopes), last_used: lastUsed })
        .execute();
    },

    async setScopes(id: string, scopes: Scope[]): Promise<void> {
      await db
        .updateTable('keys')
        .set({ scopes: JSON.stringify(scopes) })
        .where('id', '=', id)
        .execute();
    },

    /** Only if it belongs to `user`, or to anybody for null. False: there is none. */
    async removeKey(id: string, user: string | null): Promise<boolean> {
      const query = db.deleteFrom('keys').where('id', '=', id);
      const { numDeletedRows } = await (user === null ? query : query.where('user', '=', user)).executeTakeFirst();
      return numDeletedRows === 1n;
    },

    async touchKeys(times: ReadonlyMap<string, string>): Promise<void> {
      await db.transaction().execute(async (transaction) => {
        for (const [id, time] of times) await transaction.updateTable('keys').set({ last_used: time }).where('id', '=', id).execute();
      });
    },
  };
}

function toUser(row: Tables['users']): User {
  return { name: row.name, admin: row.admin === 1, created: row.created };
}

function toKey(row: Tables['keys']): Key {
  const { id, name, user, created, expires } = row;
  return { id, name, user, scopes: Scope.array().parse(JSON.parse(row.scopes)), created, expires, lastUsed: row.last_used };
}
