/** What is remembered of the executions of jobs. */
import type { JobExecution } from '@bine/shared';

/** As it is told, but with its project's id, which never changes, and with what only the gateway needs to know. */
export type ExecutionRecord = Omit<JobExecution, 'project' | 'executed'> & {
  projectId: string;
  /** Chosen by the client; one execution of a job for each. null: the client chose none. */
  idempotencyKey: string | null;
  /** Why it is to end, once it is. */
  stopping: string | null;
};

export type ExecutionRows = {
  /** null: there is none of that id. */
  get(id: string): Promise<ExecutionRecord | null>;

  /**
   * Newest first.
   * @param options `job`: of that one only; `before`: only those that were submitted before the execution of that id
   */
  list(projectId: string, options: { job?: string; limit: number; before?: string }): Promise<ExecutionRecord[]>;

  /** The newest one of each job, in no particular order. */
  lastOfEach(projectId: string): Promise<ExecutionRecord[]>;

  /** Of all projects, in the order they were submitted. */
  unended(): Promise<ExecutionRecord[]>;

  /** Of all projects, in no particular order. */
  all(): Promise<ExecutionRecord[]>;

  /** Those of a job that have ended, beyond the newest `keep`. */
  endedBeyond(projectId: string, job: string, keep: number): Promise<ExecutionRecord[]>;

  /**
   * Adds it with the next number of its job.
   * @param refuse told how many of its project wait, before it is added; throws if it may not be
   * @returns `fresh` false: the one that is there instead, where its key or tick was used before. null: the job is gone
   */
  add(
    record: Omit<ExecutionRecord, 'number'>,
    refuse: (queued: number) => unknown,
  ): Promise<{ record: ExecutionRecord; fresh: boolean } | null>;

  /** How many of a schedule wait, apart from that of the tick (ISO 8601 in UTC). */
  queuedOf(projectId: string, schedule: string, tick: string): Promise<number>;

  /** Overwrites what is known of it. Adds nothing: one that was removed stays so. */
  save(record: ExecutionRecord): Promise<void>;

  remove(id: string): Promise<void>;

  /** With jobs and schedules: the project is deleted for good. */
  forgetProject(projectId: string): Promise<void>;
};
