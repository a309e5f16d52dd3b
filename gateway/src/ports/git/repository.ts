/** Repositories in projects: found, begun, opened, and freed of what a Git that was killed has left. */
import type { Owner } from '../accounts.ts';
import type { Operation } from './operation.ts';

/**
 * A project's folder, and who Git runs as in it: the owner of its files. `files` is an absolute path on the gateway's machine: a handle is
 * to take its place.
 */
export type Files = { files: string; owner: Owner };

/** A repository: of which project, and the path in it; '' is the project's folder itself. */
export type Where = Files & { path: string };

/** Who commits. */
export type Identity = { name: string; email: string };

/** In the order of the configuration's files; names as Git says them. */
export type Setting = { name: string; value: string };

/** @property identity null: Git gets a name that stands for no user */
export type LocalOptions = { signal: AbortSignal; identity?: Identity | null };

/**
 * Runs Git in a repository whose configuration was read.
 * @throws Problem `cancelled` when the signal aborts for no other reason, `timeout` after the operation's deadline, `git-unavailable` where Git
 * cannot be run, `git-locked`, `git-failed` and others for what Git says
 */
export type Run = <T>(operation: Operation<T>, options: LocalOptions) => Promise<T>;

/** `settings` are those that hold now, also after a command has changed them. */
export type OpenRepository = { where: Where; readonly settings: readonly Setting[]; run: Run };

/** Commands in a repository. They reach no network and know no secret. */
export type Local = {
  /** @throws Problem `not-found` where there is no repository, or one whose .git is elsewhere */
  open(where: Where, signal: AbortSignal): Promise<OpenRepository>;
};

/** What is done around repositories. */
export type Ground = {
  /** A new and empty one. @throws Problem as `Run` does */
  init(where: Where, signal: AbortSignal): Promise<void>;
  /** Paths of the repositories in a project, sorted; the first hundred. */
  find(project: Files, signal: AbortSignal): Promise<string[]>;
  /**
   * Removes what a Git that was killed has left, where it came there after that time (milliseconds since 1970); all of it for null.
   * @throws Problem `not-found` as `open` does
   */
  unlock(where: Where, since: number | null, signal: AbortSignal): Promise<void>;
};

/** Git is changing that repository. `since`: milliseconds since 1970. */
export type Mark = { projectId: string; path: string; since: number };

/** Which repositories Git is changing at this moment, kept where a crash leaves them, so that afterwards those and no others are tidied up. */
export type Marks = {
  /** Until it is disposed of. */
  set(mark: Mark): Promise<AsyncDisposable>;
  /** Those of a gateway that died, each with how to remove it. */
  left(): Promise<(Mark & AsyncDisposable)[]>;
};
