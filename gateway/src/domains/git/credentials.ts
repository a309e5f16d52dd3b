/** Tokens for Git servers, and who commits: each user's own. */
import type { GitCredential, GitIdentity } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { Secret } from '../../ports/git/transfers.ts';
import type { Vault } from '../../ports/secrets.ts';
import type { CredentialRecord, GitRows } from '../../ports/state/git.ts';
import type { SealedRows } from '../secrets/rotation.ts';

export type CredentialParts = { rows: GitRows; vault: Vault };

export function credentialActions({ rows, vault }: CredentialParts) {
  return {
    async credentials(user: string): Promise<GitCredential[]> {
      return (await rows.credentials(user)).map(toCredential);
    },

    async setCredential(user: string, given: { host: string; username: string; token: string }): Promise<GitCredential> {
      const host = plainHost(given.host);
      const username = given.username || defaultUsername(host);
      return vault.keep(given.token, sealOwner({ user, host }), async (secret) => {
        const record = { user, host, username, secret, added: new Date().toISOString() };
        await rows.saveCredential(record);
        return toCredential(record);
      });
    },

    async deleteCredential(user: string, host: string): Promise<void> {
      if (await rows.removeCredential(user, plainHost(host))) return;
      throw new Problem('not-found', `You have no token for ${host}.`);
    },

    identity: (user: string): Promise<GitIdentity | null> => rows.identity(user),

    async setIdentity(user: string, identity: GitIdentity): Promise<GitIdentity> {
      await rows.saveIdentity(user, identity);
      return identity;
    },
  };
}

/** @throws Problem identity-needed */
export async function identityOf(rows: GitRows, user: string): Promise<GitIdentity> {
  const identity = await rows.identity(user);
  if (identity) return identity;
  throw new Problem(
    'identity-needed',
    'Git writes your name and address into each commit. Say them once: "Bine: Set Git Identity" in the editor, or "bine git identity set NAME EMAIL" in a terminal.',
  );
}

/** null: the user has no token for that server */
export async function secretFor({ rows, vault }: CredentialParts, user: string, url: string): Promise<Secret | null> {
  const { host } = new URL(url);
  const record = await rows.credential(user, host);
  if (!record) return null;
  const token = vault.unseal(record.secret, sealOwner(record));
  if (token !== null) return { host, username: record.username, token };
  throw new Problem(
    'credential-needed',
    `Your token for ${host} cannot be read any more: the gateway's key is another one. Give Bine the token again.`,
  );
}

/** What a token is sealed for. */
const sealOwner = ({ user, host }: { user: string; host: string }): string[] => [user, host];

export const sealedTokens = (rows: GitRows): SealedRows => ({
  allSealed: async () => (await rows.allCredentials()).map((record) => ({ sealed: record.secret, owner: sealOwner(record) })),
  replaceSealed: rows.replaceSealed,
});

/** As a URL has it: the port that goes without saying is not said. */
const plainHost = (host: string): string => host.replace(/:443$/, '');

/** What a server takes beside a token. */
export function defaultUsername(host: string): string {
  if (host === 'github.com') return 'x-access-token';
  if (host === 'bitbucket.org') return 'x-token-auth';
  return /(?:^|\.)gitlab\./.test(host) ? 'oauth2' : 'git';
}

const toCredential = ({ host, username, added }: CredentialRecord): GitCredential => ({ host, username, added });
