/** Environments of projects with their revisions and changes, and the packages that were found in images. */
import type { Change, Environment, Revision } from '@bine/shared';
import type { ImagePackage } from '../packages.ts';

export type EnvironmentRecord = {
  /** Never used twice, unlike the name. */
  id: string;
  projectId: string;
  /** Of no other environment of the project. */
  name: string;
  /** Name of what it was cloned from. */
  source: string;
  purpose: Environment['purpose'];
  description: string;
  /** The newest one. */
  revision: number;
};

export type RevisionRecord = Revision & {
  environmentId: string;
  /** Names of the packages that were asked for. */
  direct: string[];
};

/** Without the environment's name, which may change. */
export type ChangeRecord = Omit<Change, 'environment'> & {
  environmentId: string;
  /** Chosen by the client; one change of an environment for each. null: the client chose none. */
  idempotencyKey: string | null;
};

export type EnvironmentRows = {
  /** By name. */
  ofProject(projectId: string): Promise<EnvironmentRecord[]>;
  /** null: the project has none of that name. */
  byName(projectId: string, name: string): Promise<EnvironmentRecord | null>;
  /** null: there is none of that id. */
  byId(id: string): Promise<EnvironmentRecord | null>;
  /** With its first revision. */
  add(record: EnvironmentRecord, first: RevisionRecord): Promise<'added' | 'name-taken'>;
  /** What is not named stays as it is. */
  update(id: string, changes: { name?: string; description?: string }): Promise<'updated' | 'name-taken'>;
  /** With its revisions and changes. */
  remove(id: string): Promise<void>;

  /** Newest first. */
  revisions(environmentId: string): Promise<RevisionRecord[]>;
  /** null: the environment has none of that number. */
  revision(environmentId: string, number: number): Promise<RevisionRecord | null>;
  /** Images of all revisions of all environments. */
  images(): Promise<{ environmentId: string; image: string }[]>;
  /**
   * The change succeeded, and this is what it made: all of it, or nothing of it, is so from now on.
   * @param packages of the revision's image; null: nobody looked into it yet
   */
  revise(revision: RevisionRecord, change: ChangeRecord, packages: ImagePackage[] | null): Promise<void>;

  /** Newest first. */
  changes(environmentId: string, limit: number): Promise<ChangeRecord[]>;
  /** null: there is none of that id. */
  change(id: string): Promise<ChangeRecord | null>;
  /** Of all environments, in the order they were asked for. */
  unendedChanges(): Promise<ChangeRecord[]>;
  /** Of each environment the one that ended last. */
  lastEndedChanges(): Promise<ChangeRecord[]>;
  /** @returns the one that was asked for before under the same key, else this one */
  addChange(change: ChangeRecord): Promise<ChangeRecord>;
  /** Overwrites what is known of it. Adds nothing: one that was removed stays so. */
  saveChange(change: ChangeRecord): Promise<void>;

  /** null: nobody looked into that image yet. */
  packages(image: string): Promise<ImagePackage[] | null>;
  savePackages(image: string, packages: ImagePackage[]): Promise<void>;
};
