/** Users and keys in the database. */
import { Scope } from '@bine/shared';
import type { Key, User } from '@bine/shared';
import type { Selectable } from 'kysely';
import type { Database } from './store.ts';
import type { Tables } from './tables.ts';
import type { AccessRows } from '../../ports/state/access.ts';

export function createAccessRows(db: Database): AccessRows {
  return { ...userRows(db), ...keyRows(db), ...endingRows(db) };
}

function userRows(db: Database) {
  return {
    listUsers: async (): Promise<User[]> => (await db.selectFrom('users').selectAll().orderBy('name').execute()).map(toUser),

    async findUser(name: string): Promise<User | null> {
      const row = await db.selectFrom('users').selectAll().where('name', '=', name).executeTakeFirst();
      return row ? toUser(row) : null;
    },

    async addUser(user: User): Promise<boolean> {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('users')
        .values({ ...user, admin: user.admin ? 1 : 0, disabled: user.disabled ? 1 : 0 })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },

    async setAdmin(name: string, admin: boolean): Promise<void> {
      await db
        .updateTable('users')
        .set({ admin: admin ? 1 : 0 })
        .where('name', '=', name)
        .execute();
    },

    async enableUser(name: string): Promise<void> {
      await db.updateTable('users').set({ disabled: 0 }).where('name', '=', name).execute();
    },
  };
}

function keyRows(db: Database) {
  return {
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
        .where('users.disabled', '=', 0)
        .executeTakeFirst();
      return row ? { key: toKey(row), admin: row.admin === 1 } : null;
    },

    async addKey(key: Key, hash: string): Promise<boolean> {
      const { lastUsed, scopes, ...rest } = key;
      return db.transaction().execute(async (transaction) => {
        const user = await transaction.selectFrom('users').select('disabled').where('name', '=', key.user).executeTakeFirst();
        if (user?.disabled !== 0) return false;
        if (key.parent !== null) {
          const parent = await transaction.selectFrom('keys').select('scopes').where('id', '=', key.parent).executeTakeFirst();
          if (!parent || scopes.some((scope) => !scopesIn(parent).includes(scope))) return false;
        }
        await transaction
          .insertInto('keys')
          .values({ ...rest, hash, scopes: JSON.stringify(scopes), last_used: lastUsed })
          .execute();
        return true;
      });
    },

    async updateKey(id: string, changes: { name?: string | undefined; scopes?: readonly Scope[] | undefined }): Promise<void> {
      const { name, scopes } = changes;
      const set = { ...(name !== undefined && { name }), ...(scopes !== undefined && { scopes: JSON.stringify(scopes) }) };
      if (Object.keys(set).length > 0) await db.updateTable('keys').set(set).where('id', '=', id).execute();
    },

    async touchKeys(times: ReadonlyMap<string, string>): Promise<void> {
      await db.transaction().execute(async (transaction) => {
        for (const [id, time] of times) await transaction.updateTable('keys').set({ last_used: time }).where('id', '=', id).execute();
      });
    },
  };
}

function endingRows(db: Database) {
  /** Those keys and all that were made with them, directly or not. */
  const withDescendants = async (on: Database, ids: readonly string[]): Promise<string[]> => {
    const all = new Set(ids);
    for (let level = [...ids]; level.length > 0;) {
      const rows = await on.selectFrom('keys').select('id').where('parent', 'in', level).execute();
      level = rows.map(({ id }) => id).filter((id) => !all.has(id));
      for (const id of level) all.add(id);
    }
    return [...all];
  };

  const keysOf = async (on: Database, user: string): Promise<string[]> =>
    (await on.selectFrom('keys').select('id').where('user', '=', user).execute()).map(({ id }) => id);

  return {
    async removeKey(id: string): Promise<string[]> {
      return db.transaction().execute(async (transaction) => {
        const ids = await withDescendants(transaction, [id]);
        await transaction.deleteFrom('keys').where('id', 'in', ids).execute();
        return ids;
      });
    },

    async narrowKey(id: string, left: readonly Scope[]): Promise<Map<string, Scope[]>> {
      return db.transaction().execute(async (transaction) => {
        const ids = await withDescendants(transaction, [id]);
        const rows = await transaction.selectFrom('keys').select(['id', 'scopes']).where('id', 'in', ids).execute();
        const scopesOf = new Map(rows.map((row) => [row.id, scopesIn(row).filter((scope) => left.includes(scope))]));
        for (const [one, scopes] of scopesOf) {
          await transaction
            .updateTable('keys')
            .set({ scopes: JSON.stringify(scopes) })
            .where('id', '=', one)
            .execute();
        }
        return scopesOf;
      });
    },

    async removeUser(name: string): Promise<string[]> {
      return db.transaction().execute(async (transaction) => {
        const ids = await withDescendants(transaction, await keysOf(transaction, name));
        await transaction.deleteFrom('users').where('name', '=', name).execute();
        if (ids.length > 0) await transaction.deleteFrom('keys').where('id', 'in', ids).execute();
        return ids;
      });
    },

    async disableUser(name: string): Promise<string[]> {
      return db.transaction().execute(async (transaction) => {
        const ids = await withDescendants(transaction, await keysOf(transaction, name));
        await transaction.updateTable('users').set({ disabled: 1 }).where('name', '=', name).execute();
        if (ids.length > 0) await transaction.deleteFrom('keys').where('id', 'in', ids).execute();
        return ids;
      });
    },
  };
}

function toUser(row: Selectable<Tables['users']>): User {
  return { name: row.name, admin: row.admin === 1, created: row.created, disabled: row.disabled === 1 };
}

const scopesIn = ({ scopes }: Pick<Tables['keys'], 'scopes'>): Scope[] => Scope.array().parse(JSON.parse(scopes));

function toKey(row: Tables['keys']): Key {
  const { id, name, user, created, expires, parent } = row;
  return { id, name, user, scopes: scopesIn(row), created, expires, lastUsed: row.last_used, parent };
}
