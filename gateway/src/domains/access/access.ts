/** Users and their API keys: who is calling, and what was handed out. */
import { scopes } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { AccessRows } from '../../ports/state/access.ts';
import { createKeyUse } from './key-use.ts';
import { keyActions } from './keys.ts';
import { createLiveKeys } from './live-keys.ts';
import type { Principal } from './principal.ts';
import { hashSecret } from './secret.ts';
import { userActions } from './users.ts';

export type Access = ReturnType<typeof createAccess>;

const administrator = 'admin';
const day = 24 * 3600 * 1000;

export function createAccess({ rows, onError }: { rows: AccessRows; onError: (error: unknown) => void }) {
  const use = createKeyUse({ write: rows.touchKeys, onError });
  const live = createLiveKeys();
  const keys = keyActions({ rows, use, live });

  return {
    ...keys,
    ...userActions({ rows, live }),
    /** The key as it is now; null: it was revoked or has expired. */
    current: live.current,
    onKeysChanged: live.onChanged,

    /** @throws Problem bad-key */
    async authenticate(secret: string): Promise<Principal> {
      const hash = hashSecret(secret);
      for (;;) {
        const version = live.version();
        const found = hash === null ? null : await rows.findKey(hash);
        // It may have been revoked while it was read.
        if (version !== live.version()) continue;
        const expires = found?.key.expires ? Date.parse(found.key.expires) : null;
        if (!found || (expires !== null && expires <= Date.now())) {
          throw new Problem('bad-key', 'The API key is unknown, has expired or was revoked. Sign in with another one.');
        }
        const { id, name, user, scopes } = found.key;
        const principal = { user, admin: found.admin, keyId: id, keyName: name, scopes, expires };
        live.add(principal);
        use.note(id);
        return principal;
      }
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
        if (scopes.some((scope) => !found.key.scopes.includes(scope))) await rows.updateKey(found.key.id, { scopes });
        return current;
      }
      await rows.addUser({ name: administrator, admin: true, created: new Date().toISOString(), disabled: false });
      await rows.enableUser(administrator);
      await rows.setAdmin(administrator, true);
      const key = { name: 'This machine', user: administrator, scopes: [...scopes], expires: Date.now() + 3650 * day, parent: null };
      return (await keys.addKey(key)).secret;
    },

    [Symbol.asyncDispose]: () => use[Symbol.asyncDispose](),
  };
}
