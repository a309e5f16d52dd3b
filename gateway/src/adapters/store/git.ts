/** Tokens, sealed, and who commits, in the database. */
import type { GitIdentity } from '@bine/shared';
import type { Database } from './store.ts';
import type { CredentialRecord, GitRows } from '../../ports/state/git.ts';

export function createGitRows(db: Database): GitRows {
  const one = (user: string, host: string) =>
    db.selectFrom('git_credentials').selectAll().where('user', '=', user).where('host', '=', host);
  return {
    credentials: async (user: string): Promise<CredentialRecord[]> =>
      db.selectFrom('git_credentials').selectAll().where('user', '=', user).orderBy('host').execute(),

    allCredentials: async (): Promise<CredentialRecord[]> => db.selectFrom('git_credentials').selectAll().execute(),

    async replaceSealed(before: string, after: string): Promise<void> {
      await db.updateTable('git_credentials').set({ secret: after }).where('secret', '=', before).execute();
    },

    credential: async (user: string, host: string): Promise<CredentialRecord | null> => (await one(user, host).executeTakeFirst()) ?? null,

    async saveCredential(record: CredentialRecord): Promise<void> {
      await db
        .insertInto('git_credentials')
        .values(record)
        .onConflict((conflict) => conflict.columns(['user', 'host']).doUpdateSet(record))
        .execute();
    },

    async removeCredential(user: string, host: string): Promise<boolean> {
      const { numDeletedRows } = await db
        .deleteFrom('git_credentials')
        .where('user', '=', user)
        .where('host', '=', host)
        .executeTakeFirst();
      return numDeletedRows === 1n;
    },

    async identity(user: string): Promise<GitIdentity | null> {
      const row = await db.selectFrom('git_identities').select(['name', 'email']).where('user', '=', user).executeTakeFirst();
      return row ?? null;
    },

    async saveIdentity(user: string, identity: GitIdentity): Promise<void> {
      await db
        .insertInto('git_identities')
        .values({ user, ...identity })
        .onConflict((conflict) => conflict.column('user').doUpdateSet(identity))
        .execute();
    },
  };
}
