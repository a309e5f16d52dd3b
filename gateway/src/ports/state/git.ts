/** What Git needs to know of users: their tokens, sealed, and who commits. */
import type { GitIdentity } from '@bine/shared';

export type CredentialRecord = {
  user: string;
  /** Of the server that the token is for; one token for each. */
  host: string;
  /** By which the server knows the user. */
  username: string;
  /** The token, sealed by the vault for the user and the host. */
  secret: string;
  /** ISO 8601 in UTC. */
  added: string;
};

export type GitRows = {
  /** By host. */
  credentials(user: string): Promise<CredentialRecord[]>;
  /** Of all users, in no particular order. */
  allCredentials(): Promise<CredentialRecord[]>;
  /** Unless it was set anew meanwhile: no two records have the same `secret`. */
  replaceSealed(before: string, after: string): Promise<void>;
  /** null: the user has none for that host. */
  credential(user: string, host: string): Promise<CredentialRecord | null>;
  /** Adds it, or replaces that of the same user and host. */
  saveCredential(record: CredentialRecord): Promise<void>;
  /** False: there is none. */
  removeCredential(user: string, host: string): Promise<boolean>;
  /** null: the user has not said. */
  identity(user: string): Promise<GitIdentity | null>;
  saveIdentity(user: string, identity: GitIdentity): Promise<void>;
};
