/** Projects, those in the bin too, and their members. */
import type { Member, Role } from '@bine/shared';
import type { UidRange } from '../accounts.ts';

/** Times are ISO 8601 in UTC. */
export type ProjectRecord = {
  /** Names the project's folder; never used twice, unlike the name. */
  id: string;
  /** Of no other project that is not in the bin. */
  name: string;
  description: string;
  /** After so many minutes without any activity a kernel is stopped; 0: never. */
  idleMinutes: number;
  created: string;
  /** When it was put into the bin; null: it is not there. */
  deleted: string | null;
  /** It is being deleted for good: parts of it are gone, so that it cannot be restored any more. */
  erasing: boolean;
  /** Of its own on this machine. null: its files still belong to who owned all projects before each had one. */
  uid: number | null;
};

export type ProjectRows = {
  /** By name: those that `user` is a member of, with the role; all of them, as owner, for null. @param options whether those in the bin, or the others */
  list(user: string | null, options: { bin: boolean }): Promise<(ProjectRecord & { role: Role })[]>;
  /** null: there is none of that name, or only in the bin. */
  byName(name: string): Promise<ProjectRecord | null>;
  /** null: there is none of that id, or it is in the bin. */
  byId(id: string): Promise<ProjectRecord | null>;
  /** With its first member. */
  add(project: ProjectRecord, owner: string): Promise<'added' | 'name-taken'>;
  /** What is not named stays as it is. */
  update(id: string, changes: { description?: string | undefined; idleMinutes?: number | undefined }): Promise<void>;

  /** One that no project has, and that none had before as long as there are others. @throws Problem `conflict` when all are taken */
  nextUid(range: UidRange): Promise<number>;
  setUid(id: string, uid: number): Promise<void>;
  /** Projects, those in the bin too, that have none. */
  withoutUid(): Promise<ProjectRecord[]>;

  /** @param time when, ISO 8601 in UTC */
  putIntoBin(id: string, time: string): Promise<void>;
  takeOutOfBin(id: string): Promise<'restored' | 'name-taken'>;
  /** Remembered before the first part of it goes. */
  markErasing(id: string): Promise<void>;
  /** Those that a gateway which died, or a part that failed, left half deleted. */
  beingErased(): Promise<ProjectRecord[]>;
  /** For good, with its members. */
  remove(id: string): Promise<void>;

  /** In the project of that name that is not in the bin. null: the user is no member, or there is no such project. */
  roleOf(name: string, user: string): Promise<Role | null>;
  /** By the ids of the projects that the user is a member of, those in the bin too. */
  rolesOf(user: string): Promise<Map<string, Role>>;
  /** By name. */
  members(id: string): Promise<Member[]>;
  /** Adds the member, or changes the role. `last-owner`: nobody else would own the project. */
  setMember(id: string, member: Member): Promise<'set' | 'no-user' | 'last-owner'>;
  /** `last-owner`: nobody else would own the project. */
  removeMember(id: string, user: string): Promise<'removed' | 'no-member' | 'last-owner'>;
};
