/** Jobs: what is run, apart from when. */
import type { Program } from '@bine/shared';

export type JobRecord = {
  projectId: string;
  /** Of no other job of the project. */
  name: string;
  program: Program;
  /** How many executions that have ended are kept. */
  keep: number;
  /** ISO 8601 in UTC. */
  created: string;
  /** Who changed it last. */
  user: string;
};

export type JobRows = {
  /** null: there is none of that name. */
  get(projectId: string, name: string): Promise<JobRecord | null>;
  /** By name. */
  ofProject(projectId: string): Promise<JobRecord[]>;
  /** Of all projects, in no particular order. */
  all(): Promise<JobRecord[]>;
  /** Adds it, or changes all but its name and when it was created. */
  save(record: JobRecord): Promise<void>;
  /** With its schedules. Its executions are gone by then. */
  remove(projectId: string, name: string): Promise<void>;
};
