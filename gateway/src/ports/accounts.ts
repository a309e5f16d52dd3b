/** Who owns the files of projects, and who their programs run as. */
import type { ReadOnlyMount } from './mounts.ts';

/** A user and a group of this machine, by their numbers. */
export type Owner = { uid: number; gid: number };

/** Both ends are in it. They stand for groups, too. */
export type UidRange = { first: number; last: number };

/** Each project has a user id of its own where the gateway may give files away; elsewhere one user owns all projects. */
export type Accounts = {
  /** From which projects get their user ids. null: all projects belong to one user. */
  range: UidRange | null;
  /** @param uid the project's own; null: it has none (yet) */
  ownerOf(uid: number | null): Owner;
  /** What gives the owner a name in a container, which many a library asks for. */
  names(owner: Owner): Promise<ReadOnlyMount[]>;
};
