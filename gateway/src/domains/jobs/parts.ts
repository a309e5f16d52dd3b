/** What all of the jobs domain stands on. */
import { Problem } from '@bine/shared/problems';
import type { JobExecution, Limits } from '@bine/shared';
import type { Disk } from '../../adapters/disk/disk.ts';
import type { FollowLog } from '../../adapters/runner/log.ts';
import type { Note } from '../../adapters/runner/note.ts';
import type { RunnerEnd } from '../../adapters/runner/told.ts';
import type { ExecutionRecord, ExecutionRows } from '../../adapters/store/executions.ts';
import type { JobRows } from '../../adapters/store/jobs.ts';
import type { LogLine, Usage } from '@bine/shared';
import type { ProjectRef } from '../capacity/limits.ts';
import type { Events } from '../events/events.ts';
import type { Giving, Wanted as WantedSecrets } from '../secrets/giving.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import { executedName } from './container.ts';

/** What jobs need to know of projects. */
export type JobProjects = {
  /** @throws Problem `not-found` */
  folder(name: string): Promise<ProjectFolder>;
  /** null: it is in the bin, or gone. */
  byId(id: string): Promise<ProjectFolder | null>;
};

/** What an execution's runner left in its folder. */
export type Runner = {
  readEnd(directory: string): Promise<RunnerEnd | null>;
  readProgress(directory: string): Promise<{ done: number; total: number } | null>;
  readUsage(directory: string): Promise<Usage[]>;
  watchFolder(directory: string, onChange: (what: 'log' | 'state') => void): Disposable;
  addNote(directory: string, note: Note): Promise<void>;
  followLog(follow: FollowLog): AsyncIterable<LogLine>;
};

/** Of disk space. */
export type Quota = {
  /** Measures again where the answer would be no. */
  settle(project: ProjectRef): Promise<void>;
  /** @throws Problem `quota-exceeded` for a project that is over it */
  refuse(project: ProjectRef): void;
};

export type Stores = {
  jobs: JobRows;
  executions: ExecutionRows;
};

export type Common = {
  rows: Stores;
  projects: JobProjects;
  events: Pick<Events, 'publish'>;
  runner: Runner;
  disk: Pick<Disk, 'folder'>;
  quota: Quota;
  limitsOf: (projectId: string) => Limits;
  secrets: Pick<Giving, 'check' | 'give' | 'takeBack'>;
  onError: (error: unknown) => void;
};

export function toExecution(
  { projectId: _projectId, idempotencyKey: _key, stopping: _stopping, ...rest }: ExecutionRecord,
  project: string,
): JobExecution {
  return { ...rest, project, executed: rest.cells === null ? null : executedName(rest.inputs.path) };
}

export function isOver({ state }: Pick<ExecutionRecord, 'state'>): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'stopped' || state === 'timed-out';
}

/** What it is to get, and for whom. */
export function wantedSecrets({ projectId, user, inputs }: Pick<ExecutionRecord, 'projectId' | 'user' | 'inputs'>): WantedSecrets {
  return { projectId, user, secrets: inputs.secrets };
}

export const noJob = (project: string, job: string): Problem =>
  new Problem('not-found', `There is no job "${job}" in the project "${project}".`);
