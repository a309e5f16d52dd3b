/** A kernel's container: what it is given, what it is kept from, and the labels that say whose it is if all else is lost. */
import { SecretUse } from '@bine/shared';
import type { ContainerSpec } from '../../adapters/docker/docker.ts';
import type { KernelRecord } from '../../ports/state/kernels.ts';
import { newId } from '../../lib/id.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import { secretMounts } from '../secrets/giving.ts';

/** What the machine gives every container, so that it trusts whom the machine trusts. */
export type Certificates = { mounts: NonNullable<ContainerSpec['mounts']>; environment: Record<string, string> };

export type ContainerInput = {
  record: KernelRecord;
  /** Ids of the GPUs that are its own. */
  gpus: string[];
  image: string;
  gateway: string;
  project: Pick<ProjectFolder, 'name' | 'files' | 'owner'>;
  /** The kernel's folder. */
  directory: string;
  /** What gives its user a name. */
  names: NonNullable<ContainerSpec['mounts']>;
  certificates: Certificates;
  /** The folder with its secrets; null: it has none. */
  secrets: string | null;
};

/** Enough for any library's threads, too few to hurt the machine. */
const processes = 2048;
/** Libraries that would otherwise start a thread for each core of the machine, and then wait for each other. */
const threadSettings = ['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMEXPR_MAX_THREADS', 'POLARS_MAX_THREADS'];

export function kernelContainer(input: ContainerInput): ContainerSpec {
  const { record, gpus, image, project, directory, names, certificates } = input;
  const secrets = secretMounts(input.secrets);
  return {
    // A kernel that is revived gets another container while the engine may still be clearing away the first.
    name: `bine-kernel-${record.id}-${newId().slice(0, 4)}`,
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
    user: `${project.owner.uid}:${project.owner.gid}`,
    workingDirectory: '/project',
    labels: kernelLabels(input.gateway, record, gpus),
    environment: {
      ...certificates.environment,
      ...programEnvironment(record.cores),
      // Otherwise the debugger, which no cell has asked for, complains in the first cell's output.
      PYDEVD_DISABLE_FILE_VALIDATION: '1',
      BINE_PROJECT: project.name,
      BINE_KERNEL: record.id,
      ...secrets.environment,
    },
    mounts: [
      ...certificates.mounts,
      ...names,
      { source: project.files, target: '/project' },
      { source: directory, target: '/bine' },
      ...secrets.mounts,
    ],
    network: networkOf(record.projectId),
    limits: limitsOf(record),
    gpus,
  };
}

/** What a program of a user finds in its environment, whatever starts it. */
export function programEnvironment(cores: number): Record<string, string> {
  const threads = `${Math.max(1, Math.floor(cores))}`;
  return {
    ...Object.fromEntries(threadSettings.map((name) => [name, threads])),
    HOME: '/home/bine',
    USER: 'bine',
    LOGNAME: 'bine',
    SHELL: '/bin/bash',
  };
}

/** @param memory MiB */
export function limitsOf({ memory, cores }: { memory: number; cores: number }): NonNullable<ContainerSpec['limits']> {
  const bytes = memory * 2 ** 20;
  return { memory: bytes, cores, processes, sharedMemory: Math.floor(bytes / 2) };
}

export function networkOf(projectId: string): string {
  return `bine-${projectId}`;
}

/** What a gateway looks for when it starts. */
export function kernelsOf(gateway: string): Record<string, string> {
  return { 'bine.gateway': gateway, 'bine.role': 'kernel' };
}

function kernelLabels(gateway: string, record: KernelRecord, gpus: string[]): Record<string, string> {
  return {
    ...kernelsOf(gateway),
    'bine.kernel': record.id,
    'bine.project': record.projectId,
    'bine.environment': record.environment,
    'bine.revision': `${record.revision ?? ''}`,
    'bine.notebook': record.notebook ?? '',
    'bine.user': record.user,
    'bine.memory': `${record.memory}`,
    'bine.cores': `${record.cores}`,
    'bine.gpus': gpus.join(','),
    'bine.secrets': JSON.stringify(record.secrets),
    'bine.private': `${record.private}`,
    'bine.started': record.started,
  };
}

/** The record of a kernel of which only the container is left. null: the labels are not ours. */
export function recordFromLabels(labels: Record<string, string>): KernelRecord | null {
  const { 'bine.kernel': id, 'bine.project': projectId, 'bine.environment': environment, 'bine.user': user } = labels;
  const started = labels['bine.started'] ?? '';
  if (!id || !projectId || !environment || !user || Number.isNaN(Date.parse(started))) return null;
  return {
    id,
    projectId,
    environment,
    revision: Number(labels['bine.revision']) || null,
    parts: [],
    notebook: labels['bine.notebook'] || null,
    user,
    memory: Number(labels['bine.memory']) || 0,
    cores: Number(labels['bine.cores']) || 0,
    gpus: gpusFromLabels(labels).length,
    ...secretsFromLabels(labels),
    state: 'starting',
    cause: null,
    started,
    lastActivity: started,
    epoch: 0,
    head: 0,
  };
}

function secretsFromLabels(labels: Record<string, string>): Pick<KernelRecord, 'secrets' | 'private'> {
  return { secrets: SecretUse.array().parse(JSON.parse(labels['bine.secrets'] || '[]')), private: labels['bine.private'] === 'true' };
}

export function gpusFromLabels(labels: Record<string, string>): string[] {
  return (labels['bine.gpus'] ?? '').split(',').filter(Boolean);
}
