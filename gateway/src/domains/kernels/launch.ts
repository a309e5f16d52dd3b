/** From a record to a running workload: the environment's image, which may have to be built first, and the kernel's folder. */
import type { KernelFolders } from '../../ports/run-archive.ts';
import type { KernelRecord } from '../../ports/state/kernels.ts';
import type { Compute, WorkloadRef } from '../../ports/compute.ts';
import type { Environments, Ready } from '../environments/environments.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import type { Giving } from '../secrets/giving.ts';
import { kernelWorkload } from './workload.ts';

export type LaunchParts = {
  compute: Compute;
  environments: Pick<Environments, 'find' | 'ensure'>;
  folders: KernelFolders;
  secrets: Pick<Giving, 'check' | 'give' | 'takeBack'>;
};

export type Launch = {
  record: KernelRecord;
  gpus: string[];
  project: Pick<ProjectFolder, 'name' | 'files' | 'owner'>;
  onBuilding: (building: boolean) => void;
  /** Told which revision of its environment it gets. */
  onRevision: (revision: number | null) => void;
  /** Told whether it gets secrets of its user. */
  onSecrets: (isPrivate: boolean) => void;
  /** Told before it is started, so that whoever gives up knows what to remove. */
  onCreated: (workload: WorkloadRef) => void;
  signal: AbortSignal;
};

export async function launchKernel(parts: LaunchParts, launch: Launch): Promise<WorkloadRef> {
  const { compute, folders, secrets } = parts;
  const { gpus, project, onCreated, signal } = launch;
  const [{ image, revision }, directory] = await Promise.all([findImage(parts, launch), folders.create(launch.record.id, project.owner)]);
  const record = { ...launch.record, revision };
  launch.onRevision(revision);
  const given = await secrets.give(record.id, record, project.owner);
  record.private = given.private;
  launch.onSecrets(given.private);
  signal.throwIfAborted();
  const workload = kernelWorkload({ record, gpus, image, project, directory, secrets: given.folder });
  return compute.launch(workload, { onCreated, signal });
}

async function findImage({ environments }: LaunchParts, { record, onBuilding, signal }: Launch): Promise<Ready> {
  const ready = await environments.find(record, signal);
  if (ready) return ready;
  onBuilding(true);
  const built = await environments.ensure(record, signal);
  onBuilding(false);
  return built;
}
