/** A kernel as a workload: what it is given, what it is kept from, and the facts that say whose it is if all else is lost. */
import { SecretUse } from '@bine/shared';
import type { KernelRecord } from '../../ports/state/kernels.ts';
import { newId } from '../../lib/id.ts';
import type { WorkloadSpec, WorkloadSummary } from '../../ports/compute.ts';
import { programEnvironment } from '../compute/program-environment.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import { secretGrants } from '../secrets/giving.ts';

export type WorkloadInput = {
  record: KernelRecord;
  /** Ids of the GPUs that are its own. */
  gpus: string[];
  image: string;
  project: Pick<ProjectFolder, 'name' | 'files' | 'owner'>;
  /** The kernel's folder. */
  directory: string;
  /** The folder with its secrets; null: it has none. */
  secrets: string | null;
};

export function kernelWorkload({ record, gpus, image, project, directory, secrets: secretFolder }: WorkloadInput): WorkloadSpec {
  const secrets = secretGrants(secretFolder);
  return {
    role: 'kernel',
    // A kernel that is revived gets another workload while the first may still be cleared away.
    name: `${record.id}-${newId().slice(0, 4)}`,
    projectId: record.projectId,
    facts: factsOf(record),
    image,
    command: [
      '/opt/bine/bin/python',
      '-m',
      'bine_supervisor',
      '--directory',
      '/bine',
      '--python',
      '/opt/env/bin/python',
      '--cwd',
      '/project',
    ],
    workingDirectory: '/project',
    owner: project.owner,
    environment: {
      ...programEnvironment(record.cores),
      // Otherwise the debugger, which no cell has asked for, complains in the first cell's output.
      PYDEVD_DISABLE_FILE_VALIDATION: '1',
      BINE_PROJECT: project.name,
      BINE_KERNEL: record.id,
      ...secrets.environment,
    },
    files: [{ source: project.files, path: '/project' }, { source: directory, path: '/bine' }, ...secrets.files],
    limits: { cores: record.cores, memory: record.memory },
    gpus,
    network: 'project',
  };
}

function factsOf(record: KernelRecord): Record<string, string> {
  return {
    kernel: record.id,
    environment: record.environment,
    revision: `${record.revision ?? ''}`,
    notebook: record.notebook ?? '',
    user: record.user,
    memory: `${record.memory}`,
    cores: `${record.cores}`,
    secrets: JSON.stringify(record.secrets),
    private: `${record.private}`,
    started: record.started,
  };
}

/** The record of a kernel of which only the workload is left. null: the facts are not ours. */
export function recordFromFacts({ facts, gpus, projectId }: Omit<WorkloadSummary, 'ref' | 'running'>): KernelRecord | null {
  const { kernel: id, environment, user, started = '' } = facts;
  if (!id || !projectId || !environment || !user || Number.isNaN(Date.parse(started))) return null;
  return {
    id,
    projectId,
    environment,
    revision: Number(facts['revision']) || null,
    parts: [],
    notebook: facts['notebook'] || null,
    user,
    memory: Number(facts['memory']) || 0,
    cores: Number(facts['cores']) || 0,
    gpus: gpus.length,
    secrets: SecretUse.array().parse(JSON.parse(facts['secrets'] || '[]')),
    private: facts['private'] === 'true',
    state: 'starting',
    cause: null,
    started,
    lastActivity: started,
    epoch: 0,
    head: 0,
  };
}
