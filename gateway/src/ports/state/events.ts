/** Events, which are kept for a while, so that whoever was away hears of what happened meanwhile. */
import type { Event } from '@bine/shared';

/** An event with the id of its project: a project's name may belong to another one later. Null: of no project. */
export type StoredEvent = { event: Event; projectId: string | null };

/** Null: everything. Else what no project has, and what is of the projects that the user is a member of, or is just being removed from. */
export type EventReader = { user: string | null };

/** How far it reaches, as an id, and whether events of an outdated shape were left out. */
export type EventBatch = { events: StoredEvent[]; reached: number; outdated: boolean };

/** Ids grow; some may be missing. */
export type EventRows = {
  /** Ids. Both 0 when there has never been one. */
  bounds(): Promise<{ oldest: number; last: number }>;

  /** Writes them all or none. Finds the project of an event by its name where the caller gave no id. @returns them with that id */
  append(events: readonly StoredEvent[]): Promise<StoredEvent[]>;

  /**
   * Those of the next `limit` ids that `reader` may see. A range of ids rather than a number of events: what is not for the reader
   * costs no more than what is.
   */
  after(id: number, limit: number, reader: EventReader): Promise<EventBatch>;

  /**
   * Removes those that are older than `before` (ISO 8601 in UTC), and all but the newest `keep`. Keeps the last one in any case: ids go on from there.
   */
  prune(options: { before: string; keep: number }): Promise<void>;
};
