/** Users and their API keys: who is calling, and what was handed out. */
import { scopes } from '@bine/shared';
import type { Key, Scope, User } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { AccessRows } from '../../adapters/store/access.ts';
import { newId } from '../../lib/id.ts';
import { createKeyUse } from './key-use.ts';
import type { Principal } from './principal.ts';
import { hashSecret, newSecret } from './secret.ts';

export type Access = ReturnType<typeof createAccess>;

export type NewKey = { name: string; user?: string | undefined; scopes?: Scope[] | undefined; days: number };

const administrator = 'admin';
const day = 24 * 3600 * 1000;

export function createAccess({ rows, onError }: { rows: AccessRows; onError: (error: unknown) => void }) {
  const use = createKeyUse({ write: rows.touchKeys, onError });
  const revoked = new Set<(keyId: string) => void>();
  const keys = keyActions({ rows, use, onRevoke: (id) => revoked.forEach((listener) => listener(id)) });

  return {
    ...keys,
    ...userActions({ rows, revoke: keys.dropKeysOf }),

    /** @throws Problem bad-key */
    async authenticate(secret: string): Promise<Principal> {
      const hash = hashSecret(secret);
      const found = hash === null ? null : await rows.findKey(hash);
      const expires = found?.key.expires ? Date.parse(found.key.expires) : null;
      if (!found || (expires !== null && expires <= Date.now())) {
        throw new Problem('bad-key', 'The API key is unknown, has expired or was revoked. Sign in with another one.');
      }
      use.note(found.key.id);
      return { user: found.key.user, admin: found.admin, keyId: found.key.id, scopes: found.key.scopes, expires };
    },

    /** Called with the id of each key that stops being valid before its time. */
    onRevoked(listener: (keyId: string) => void): Disposable {
      revoked.add(listener);
      return { [Symbol.dispose]: () => void revoked.delete(listener) };
    },

    /**
     * A working key with all scopes for the administrator: the one given, or a new one where that is missing, revoked or
     * expired. One of an earlier version is given the scopes that it could not have had. Whoever can write the gateway's own folder is trusted
     * with it.
     */
    async administratorSecret(current: string | null): Promise<string> {
      const hash = current === null ? null : hashSecret(current);
      const found = hash === null ? null : await rows.findKey(hash);
      if (current && found?.admin && Date.parse(found.key.expires ?? '9999') > Date.now() + 30 * day) {
        if (scopes.some((scope) => !found.key.scopes.includes(scope))) await rows.setScopes(found.key.id, [...scopes]);
        return current;
      }
      await rows.addUser({ name: administrator, admin: true, created: new Date().toISOString() });
      return (await keys.addKey({ name: 'This machine', user: administrator, scopes: [...scopes], days: 3650 })).secret;
    },

    [Symbol.asyncDispose]: () => use[Symbol.asyncDispose](),
  };
}

type KeyParts = { rows: AccessRows; use: ReturnType<typeof createKeyUse>; onRevoke: (keyId: string) => void };

function keyActions({ rows, use, onRevoke }: KeyParts) {
  const addKey = async (key: { name: string; user: string; scopes: Scope[]; days: number }): Promise<{ key: Key; secret: string }> => {
    const secret = newSecret();
    const now = Date.now();
    const added: Key = {
      id: newId(),
      name: key.name,
      user: key.user,
      scopes: key.scopes,
      created: new Date(now).toISOString(),
      expires: new Date(now + key.days * day).toISOString(),
      lastUsed: null,
    };
    await rows.addKey(added, hashSecret(secret)!);
    return { key: added, secret };
  };

  return {
    addKey,

    async me(principal: Principal): Promise<{ user: User; key: Key }> {
      await use.flush();
      const user = await rows.findUser(principal.user);
      const key = (await rows.listKeys(principal.user)).find(({ id }) => id === principal.keyId);
      if (!user || !key) throw new Problem('bad-key', 'The API key was revoked. Sign in with another one.');
      return { user, key };
    },

    async listKeys(principal: Principal): Promise<Key[]> {
      await use.flush();
      return rows.listKeys(principal.admin ? null : principal.user);
    },

    /** A key never allows more than the one that it was made with. */
    async createKey(principal: Principal, wanted: NewKey): Promise<{ key: Key; secret: string }> {
      const user = wanted.user ?? principal.user;
      const scopes = [...new Set(wanted.scopes ?? principal.scopes)];
      const beyond = scopes.filter((scope) => !principal.scopes.includes(scope));
      if (beyond.length > 0) {
        throw new Problem('missing-scope', `Your own key does not have ${beyond.join(', ')}; a new key cannot have more than yours.`);
      }
      if (user !== principal.user && !principal.admin) {
        throw new Problem('missing-role', `Only an administrator may create a key for another user ("${user}").`);
      }
      if (!(await rows.findUser(user))) throw noUser(user);
      return addKey({ name: wanted.name, user, scopes, days: wanted.days });
    },

    async revokeKey(principal: Principal, id: string): Promise<void> {
      if (!(await rows.removeKey(id, principal.admin ? null : principal.user))) {
        throw new Problem('not-found', `There is no key "${id}" of yours.`);
      }
      onRevoke(id);
    },

    async dropKeysOf(user: string, remove: () => Promise<void>): Promise<void> {
      const keys = await rows.listKeys(user);
      await remove();
      for (const { id } of keys) onRevoke(id);
    },
  };
}

type UserParts = { rows: AccessRows; revoke: (user: string, remove: () => Promise<void>) => Promise<void> };

function userActions({ rows, revoke }: UserParts) {
  return {
    listUsers: () => rows.listUsers(),

    async createUser(user: { name: string; admin: boolean }): Promise<User> {
      const added = { ...user, created: new Date().toISOString() };
      if (await rows.addUser(added)) return added;
      throw new Problem('already-exists', `There is a user "${user.name}" already. Choose another name.`);
    },

    async deleteUser(name: string): Promise<void> {
      const users = await rows.listUsers();
      const user = users.find((one) => one.name === name);
      if (!user) throw noUser(name);
      if (user.admin && users.filter((one) => one.admin).length === 1) {
        throw new Problem('conflict', `"${name}" is the only administrator. Create another one first.`);
      }
      await revoke(name, () => rows.removeUser(name));
    },
  };
}

function noUser(name: string): Problem {
  return new Problem('not-found', `There is no user "${name}".`);
}
