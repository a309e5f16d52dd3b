/** What all of the jobs domain stands on. */
import { Problem } from '@bine/shared/problems';
import type { JobExecution, Limits } from '@bine/shared';
import type { Disk } from '../../ports/files.ts';
import type { Runner } from '../../ports/job-agent.ts';
import type { ExecutionRecord, ExecutionRows } from '../../ports/state/executions.ts';
import type { JobRows } from '../../ports/state/jobs.ts';
import type { ProjectRef } from '../capacity/limits.ts';
import type { Events } from '../events/events.ts';
import type { Giving, Wanted as WantedSecrets } from '../secrets/giving.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import { executedName } from './workload.ts';

/** What jobs need to know of projects. */
export type JobProjects = {
  /** @throws Problem `not-found` */
  folder(name: string): Promise<ProjectFolder>;
  /** null: it is in the bin, or gone. */
  byId(id: string): Promise<ProjectFolder | null>;
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
