/** What reaches a server, and holds the token. */
import type { Ref } from './commands.ts';
import type { Where } from './repository.ts';

/** Who signs in, and where. */
export type Secret = { host: string; username: string; token: string };

/** How far a transfer is, as Git says it. `stage`: its own word, such as Receiving objects. `percent`: null where it does not say. */
export type Progress = { stage: string; percent: number | null };

/** What a transfer is asked for besides: its repository, what it knows of the server, and who wants to know. */
export type Trip = {
  where: Where;
  /** https:// and without a user. */
  url: string;
  /** Handed out to its own host only; null: to none. */
  secret: Secret | null;
  /** Those of the repository. */
  refs: readonly Ref[];
  /** May be called hundreds of times a second. */
  onProgress?: (progress: Progress) => void;
  signal: AbortSignal;
};

/** Names of branches without refs/heads/. `head`: that which the server checks out first; null: it does not say. */
export type Advertised = { branches: Ref[]; head: string | null };

/**
 * `list`, `fetch` and `push` throw Problems: `cancelled` when the signal aborts for no other reason, `timeout` after some hours,
 * `git-unavailable` where Git cannot be run, `credential-needed` where the server wants a token or refuses it, `git-failed` for one that Git may
 * not reach or that sends it on to another, and others for what the server refuses.
 */
export type Transfers = {
  /** What the server has. */
  list(trip: Trip): Promise<Advertised>;
  /** Gets objects into the repository. @param wanted `depth`: so many commits of each branch; all without it. @returns the references as they are to be */
  fetch(trip: Trip, wanted: { specs: string[]; prune: boolean; depth?: number | undefined }): Promise<Ref[]>;
  /** @param wanted `expected`: the hash that the server's branch must still have, null for none; undefined: any ancestor */
  push(trip: Trip, wanted: { hash: string; branch: string; expected?: string | null | undefined }): Promise<void>;
  /** What a gateway that was killed has left. Only before the first transfer. */
  clear(): Promise<void>;
};
