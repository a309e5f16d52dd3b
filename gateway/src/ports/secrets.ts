/** Secrets at rest, and in the hands of the programs that they are for. */
import type { Owner } from './accounts.ts';

/** Keeps secrets in a form that is of no use without a key, which is not where they are stored. */
export type Vault = {
  /** @param owner what the secret belongs to; it cannot be opened as anybody else's */
  seal(secret: string, owner: readonly string[]): string;
  /** null: sealed with no key that there is, or for another owner */
  unseal(sealed: string, owner: readonly string[]): string | null;
  /** Seals, and saves what was sealed. Keys are dropped only when it is there to be sealed again. */
  keep<T>(secret: string, owner: readonly string[], save: (sealed: string) => Promise<T>): Promise<T>;
  /** Whether it was sealed with the key of today. */
  isCurrent(sealed: string): boolean;
  /** Whether there are earlier keys, since the key was being changed when the gateway died. */
  hasEarlierKeys(): boolean;
  /** Resolves when all is sealed with a new key, and what was sealed before is saved. */
  addKey(): Promise<void>;
  /** What was sealed with the earlier ones is lost, unless it was sealed again. */
  dropEarlierKeys(): Promise<void>;
};

/** What a program is given. `environment` and `paths` are variables and the names of the secrets whose value or path they have. */
export type SecretFiles = {
  values: ReadonlyMap<string, Buffer>;
  environment: Record<string, string>;
  paths: Record<string, string>;
};

/**
 * Where programs find their secrets: for each kernel, execution and build a folder of its own, in memory and never on a disk, for the program's
 * own user alone. It outlives this process and ends with what it was made for.
 */
export type SecretDelivery = {
  /**
   * In place of what was there. A program that reads meanwhile finds each file whole.
   * @param id of what they are given to @param owner who it runs as @returns the folder, absolute, on the host
   * @throws Problem `conflict` where the host has no folder in memory that can be written
   */
  put(id: string, files: SecretFiles, owner: Owner): Promise<string>;
  /** What it was made for has ended. */
  remove(id: string): Promise<void>;
  /** Removes what a gateway that died left behind. */
  keepOnly(ids: ReadonlySet<string>): Promise<void>;
};
