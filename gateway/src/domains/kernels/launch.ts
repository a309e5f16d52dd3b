/** From a record to a running container: the environment's image, which may have to be built first, and the kernel's folder. */
import type { Docker } from '../../adapters/docker/docker.ts';
import type { Accounts } from '../../ports/accounts.ts';
import type { KernelFolders } from '../../ports/run-archive.ts';
import type { KernelRecord } from '../../ports/state/kernels.ts';
import type { Environments, Ready } from '../environments/environments.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import type { Giving } from '../secrets/giving.ts';
import { kernelContainer } from './container.ts';
import type { Certificates } from './container.ts';

export type LaunchParts = {
  docker: Docker;
  environments: Pick<Environments, 'find' | 'ensure'>;
  folders: KernelFolders;
  secrets: Pick<Giving, 'check' | 'give' | 'takeBack'>;
  gateway: string;
  accountNames: Accounts['names'];
  certificates: Certificates;
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
  onCreated: (container: string) => void;
  signal: AbortSignal;
};

/** @returns the container's id */
export async function launchContainer(parts: LaunchParts, launch: Launch): Promise<string> {
  const { docker, folders, gateway, accountNames, certificates, secrets } = parts;
  const { gpus, project, signal } = launch;
  const [{ image, revision }, directory, names] = await Promise.all([
    findImage(parts, launch),
    folders.create(launch.record.id, project.owner),
    accountNames(project.owner),
  ]);
  const record = { ...launch.record, revision };
  launch.onRevision(revision);
  const given = await secrets.give(record.id, record, project.owner);
  record.private = given.private;
  launch.onSecrets(given.private);
  signal.throwIfAborted();
  // Not by the signal: a creation that is cut off may leave a container that nobody knows.
  const container = await docker.create(
    kernelContainer({ record, gpus, image, gateway, project, directory, names, certificates, secrets: given.folder }),
  );
  launch.onCreated(container);
  signal.throwIfAborted();
  await docker.start(container);
  return container;
}

async function findImage({ environments }: LaunchParts, { record, onBuilding, signal }: Launch): Promise<Ready> {
  const ready = await environments.find(record, signal);
  if (ready) return ready;
  onBuilding(true);
  const built = await environments.ensure(record, signal);
  onBuilding(false);
  return built;
}
