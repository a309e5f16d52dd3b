/** What projects may take, and what each has had of the queue. */
import type { Limits } from '@bine/shared';

/** What was set for a project; a limit that is missing is the gateway's default. */
export type LimitOverrides = Partial<Limits>;

/**
 * `user` null: of the project as a whole; `projectId` null: of the user in all projects. `used` in seconds of the whole machine, divided by
 * the project's weight unless it is of one user within one project.
 */
export type ShareRecord = { projectId: string | null; user: string | null; used: number };

export type LimitRows = {
  /** By the ids of projects, of those only for which something was set. */
  all(): Promise<Map<string, LimitOverrides>>;
  /** In place of all that was set for the project before. */
  save(projectId: string, overrides: LimitOverrides): Promise<void>;
  shares(): Promise<ShareRecord[]>;
  /** Adds them, or overwrites those of the same project and user. */
  saveShares(records: ShareRecord[]): Promise<void>;
  /** The project is deleted for good. */
  forgetProject(projectId: string): Promise<void>;
};
