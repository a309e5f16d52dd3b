/** Users and the keys with which they sign in. */
import type { Key, Scope, User } from '@bine/shared';

export type AccessRows = {
  /** By name. */
  listUsers(): Promise<User[]>;
  /** null: there is none of that name. */
  findUser(name: string): Promise<User | null>;
  /** False: there is one of that name. */
  addUser(user: User): Promise<boolean>;
  setAdmin(name: string, admin: boolean): Promise<void>;
  enableUser(name: string): Promise<void>;
  /** With the memberships. @returns the ids of the keys that are gone */
  removeUser(name: string): Promise<string[]>;
  /** The memberships stay. @returns the ids of the keys that are gone */
  disableUser(name: string): Promise<string[]>;

  /** Of one user, or of all for null; newest first. */
  listKeys(user: string | null): Promise<Key[]>;
  /**
   * @param hash SHA-256 of the secret, hexadecimal
   * @returns the key, expired or not, and whether its user is an administrator. null: there is none, or its user is disabled
   */
  findKey(hash: string): Promise<{ key: Key; admin: boolean } | null>;
  /** False: the key that it was made with is gone or has fewer scopes by now, or its user is gone or disabled. */
  addKey(key: Key, hash: string): Promise<boolean>;
  /** What is not named stays as it is. */
  updateKey(id: string, changes: { name?: string | undefined; scopes?: readonly Scope[] | undefined }): Promise<void>;
  /** @param times when each was used last, ISO 8601 in UTC, by the ids of the keys */
  touchKeys(times: ReadonlyMap<string, string>): Promise<void>;
  /** With those that were made with it. @returns the ids of all that are gone */
  removeKey(id: string): Promise<string[]>;
  /** Leaves no other scopes to it and to those that were made with it. @returns what each has left */
  narrowKey(id: string, left: readonly Scope[]): Promise<Map<string, Scope[]>>;
};
