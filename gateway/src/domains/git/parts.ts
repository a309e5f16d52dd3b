/** What all of the git domain stands on. */
import type { Disk } from '../../ports/files.ts';
import type { Vault } from '../../ports/secrets.ts';
import type { Git } from '../../ports/git/git.ts';
import type { Identity, OpenRepository } from '../../ports/git/repository.ts';
import type { Operation } from '../../ports/git/operation.ts';
import type { GitRows } from '../../ports/state/git.ts';
import type { Events } from '../events/events.ts';
import type { Files } from '../files/files.ts';
import type { ProjectFolder } from '../projects/projects.ts';

export type GitParts = {
  git: Git;
  rows: GitRows;
  vault: Vault;
  disk: Pick<Disk, 'folder'>;
  projects: {
    /** @throws Problem `not-found` */
    folder(name: string): Promise<ProjectFolder>;
    /** null: it is in the bin, or gone. */
    byId(id: string): Promise<ProjectFolder | null>;
  };
  files: Pick<Files, 'delete'>;
  events: Pick<Events, 'publish'>;
  onError: (error: unknown) => void;
};

/** A repository as a caller names it. */
export type At = { project: string; repository: string };

export type Caller = { user: string; signal: AbortSignal };

/** A repository for the length of one call. */
export type Repository = {
  project: ProjectFolder;
  /** In the project. */
  path: string;
  opened: OpenRepository;
  /** Runs an operation for the caller. */
  run<T>(operation: Operation<T>): Promise<T>;
  /** The same, with the name of who commits. */
  runAs<T>(identity: Identity, operation: Operation<T>): Promise<T>;
};
