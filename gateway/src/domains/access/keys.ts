/** API keys: made by other keys, never more than these, and gone with them. */
import type { Key, Scope, User } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { AccessRows } from '../../ports/state/access.ts';
import { newId } from '../../lib/id.ts';
import type { createKeyUse } from './key-use.ts';
import type { LiveKeys } from './live-keys.ts';
import type { Principal } from './principal.ts';
import { hashSecret, newSecret } from './secret.ts';
import { noUser } from './users.ts';

export type NewKey = { name: string; user?: string | undefined; scopes?: Scope[] | undefined; days: number };

type KeyDeps = { rows: AccessRows; use: ReturnType<typeof createKeyUse>; live: LiveKeys };

const day = 24 * 3600 * 1000;

export function keyActions(deps: KeyDeps) {
  return { ...readActions(deps), ...createActions(deps), ...changeActions(deps) };
}

function readActions({ rows, use }: KeyDeps) {
  return {
    async me(principal: Principal): Promise<{ user: User; key: Key }> {
      await use.flush();
      const user = await rows.findUser(principal.user);
      const key = (await rows.listKeys(principal.user)).find(({ id }) => id === principal.keyId);
      if (!user || !key) throw new Problem('bad-key', 'The API key was revoked. Sign in with another one.');
      return { user, key };
    },

    async listKeys(principal: Principal): Promise<Key[]> {
      await use.flush();
      const keys = await rows.listKeys(principal.admin ? null : principal.user);
      return keys.filter((key) => refusal(principal, key, keys) === null);
    },
  };
}

function createActions({ rows }: KeyDeps) {
  const addKey = async (wanted: Pick<Key, 'name' | 'user' | 'scopes' | 'parent'> & { expires: number }) => {
    const secret = newSecret();
    const [created, expires] = [new Date().toISOString(), new Date(wanted.expires).toISOString()];
    const key: Key = { ...wanted, id: newId(), created, expires, lastUsed: null };
    if (!(await rows.addKey(key, hashSecret(secret)!))) {
      throw new Problem(
        'conflict',
        `No key was made: meanwhile "${wanted.user}" was disabled or deleted, or your own key was revoked or lost scopes.`,
      );
    }
    return { key, secret };
  };

  return {
    addKey,

    /** A key never allows more than the one that it was made with, nor longer. */
    async createKey(principal: Principal, wanted: NewKey): Promise<{ key: Key; secret: string }> {
      const name = wanted.user ?? principal.user;
      const scopes = [...new Set(wanted.scopes ?? principal.scopes)];
      const beyond = scopes.filter((scope) => !principal.scopes.includes(scope));
      if (beyond.length > 0) {
        throw new Problem('missing-scope', `Your own key does not have ${beyond.join(', ')}; a new key cannot have more than yours.`);
      }
      if (name !== principal.user && !principal.admin) {
        throw new Problem('missing-role', `Only an administrator may create a key for another user ("${name}").`);
      }
      const user = await rows.findUser(name);
      if (!user) throw noUser(name);
      if (user.disabled) throw new Problem('conflict', `The user "${name}" is disabled. Enable the user first.`);
      const expires = Math.min(Date.now() + wanted.days * day, principal.expires ?? Number.POSITIVE_INFINITY);
      return addKey({ name: wanted.name, user: name, scopes, expires, parent: principal.keyId });
    },
  };
}

function changeActions({ rows, live }: KeyDeps) {
  /** @throws Problem not-found, missing-scope */
  const find = async (principal: Principal, id: string): Promise<Key> => {
    const keys = await rows.listKeys(principal.admin ? null : principal.user);
    const key = keys.find((one) => one.id === id);
    if (!key) throw new Problem('not-found', `There is no key "${id}" of yours.`);
    const why = refusal(principal, key, keys);
    if (why) throw new Problem('missing-scope', why);
    return key;
  };

  return {
    /** With the keys that were made with it. @returns the ids of all that ended */
    async revokeKey(principal: Principal, id: string): Promise<string[]> {
      await find(principal, id);
      const ended = await rows.removeKey(id);
      live.end(ended);
      return ended;
    },

    /** Another name, or fewer scopes, which the keys that were made with it lose too. */
    async updateKey(principal: Principal, id: string, changes: { name?: string | undefined; scopes?: Scope[] | undefined }): Promise<Key> {
      const key = await find(principal, id);
      const { name, scopes } = changes;
      const added = (scopes ?? []).filter((scope) => !key.scopes.includes(scope));
      if (added.length > 0) {
        throw new Problem(
          'conflict',
          `The key "${id}" does not have ${added.join(', ')}; scopes can be taken away only. Create another key.`,
        );
      }
      await rows.updateKey(id, { name });
      if (scopes) {
        const left = await rows.narrowKey(id, scopes);
        live.update((one) => {
          const ofOne = left.get(one.keyId);
          return ofOne ? { ...one, scopes: one.scopes.filter((scope) => ofOne.includes(scope)) } : null;
        });
      }
      const updated = (await rows.listKeys(key.user)).find((one) => one.id === id);
      if (!updated) throw new Problem('not-found', `The key "${id}" was revoked meanwhile.`);
      return updated;
    },
  };
}

/** Why a caller may not see or end that key; null: it may. What a key made is never wider than itself. */
function refusal(principal: Principal, key: Key, all: readonly Key[]): string | null {
  if (key.id === principal.keyId) return null;
  const own = all.find(({ id }) => id === principal.keyId);
  if (own && ancestorsOf(own, all).has(key.id)) return `The key "${key.id}" made yours; it can be ended by a key that it did not make.`;
  const beyond = key.scopes.filter((scope) => !principal.scopes.includes(scope));
  if (beyond.length > 0) return `The key "${key.id}" has ${beyond.join(', ')}, which yours does not. Use a key that has as much.`;
  // Keys that were made on the same day for the same time are alike.
  const ends = key.expires === null ? Number.POSITIVE_INFINITY : Date.parse(key.expires);
  const livesLonger = principal.expires !== null && ends > principal.expires + day;
  return livesLonger ? `The key "${key.id}" lives longer than yours. Use a key that lives as long.` : null;
}

function ancestorsOf(key: Key, all: readonly Key[]): Set<string> {
  const found = new Set<string>();
  for (let parent = key.parent; parent !== null && !found.has(parent);) {
    found.add(parent);
    parent = all.find(({ id }) => id === parent)?.parent ?? null;
  }
  return found;
}
