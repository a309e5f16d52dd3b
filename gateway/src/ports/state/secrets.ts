/** Secrets of projects and users. Their values are sealed: what is stored says nothing without the vault. */

/** Exactly one of `projectId` and `user` says whose it is. */
export type SecretOwner = { projectId: string; user: null } | { projectId: null; user: string };

export type SecretRecord = SecretOwner & {
  /** Of no other secret of the owner. */
  name: string;
  /** By the vault, for the owner and the name. */
  sealed: string;
  /** Name of the user who set it. */
  setBy: string;
  /** When it was set; ISO 8601 in UTC. */
  set: string;
};

export type SecretRows = {
  /** By name. */
  list(owner: SecretOwner): Promise<SecretRecord[]>;
  /** null: the owner has none of that name. */
  get(owner: SecretOwner, name: string): Promise<SecretRecord | null>;
  /** Adds it, or replaces that of the same owner and name. */
  save(record: SecretRecord): Promise<void>;
  /** Of all owners, in no particular order. */
  all(): Promise<SecretRecord[]>;
  /** Unless it was set anew meanwhile: no two records have the same `sealed`. */
  replaceSealed(before: string, after: string): Promise<void>;
  /** False: there is none. */
  remove(owner: SecretOwner, name: string): Promise<boolean>;
};
