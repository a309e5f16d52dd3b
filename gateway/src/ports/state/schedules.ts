/** When jobs are run. */
import type { Schedule } from '@bine/shared';

/** As it is told, but with its project's id, which never changes, and with what only the gateway needs to know. */
export type ScheduleRecord = Omit<Schedule, 'project' | 'next'> & {
  projectId: string;
  /** Up to when its ticks were looked at; ISO 8601 in UTC. */
  seen: string;
};

export type ScheduleChanges = Partial<
  Pick<ScheduleRecord, 'cron' | 'timezone' | 'missed' | 'seen' | 'skipped' | 'skipCause' | 'user' | 'paused' | 'pauseReason'>
>;

/** Lists go from the oldest to the newest. */
export type ScheduleRows = {
  /** null: there is none of that id. */
  get(id: string): Promise<ScheduleRecord | null>;
  /** Of all projects. */
  all(): Promise<ScheduleRecord[]>;
  ofProject(projectId: string): Promise<ScheduleRecord[]>;
  add(record: ScheduleRecord): Promise<void>;
  /** What is not named stays as it is. Nothing happens where there is no schedule of that id. */
  update(id: string, changes: ScheduleChanges): Promise<void>;
  remove(id: string): Promise<void>;
};
