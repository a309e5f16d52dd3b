/** From a record to a running container: image, files, network. Whatever was done already by a gateway that died is taken as it is. */
import type { Docker } from '../../adapters/docker/docker.ts';
import { createHash } from 'node:crypto';
import type { Accounts } from '../../ports/accounts.ts';
import type { Disk } from '../../ports/files.ts';
import type { ExecutionFolders } from '../../ports/run-archive.ts';
import type { ExecutionRecord } from '../../ports/state/executions.ts';
import { Problem } from '@bine/shared/problems';
import type { Environments, Ready } from '../environments/environments.ts';
import { parsePath } from '../files/path.ts';
import type { Certificates } from '../kernels/container.ts';
import type { ProjectNetworks } from '../kernels/networks.ts';
import type { Giving } from '../secrets/giving.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import { wantedSecrets } from './parts.ts';
import { containerName, executionContainer, runnerSpec } from './container.ts';
import type { Snapshots } from './snapshots.ts';

export type LaunchParts = {
  docker: Docker;
  environments: Pick<Environments, 'find' | 'ensure'>;
  folders: ExecutionFolders;
  secrets: Pick<Giving, 'check' | 'give' | 'takeBack'>;
  networks: Pick<ProjectNetworks, 'shared'>;
  snapshots: Pick<Snapshots, 'materialise' | 'keepChanged'>;
  disk: Pick<Disk, 'folder'>;
  gateway: string;
  accountNames: Accounts['names'];
  certificates: Certificates;
};

export type Launch = {
  record: ExecutionRecord;
  gpus: string[];
  /** Nobody can have begun to launch it before. */
  fresh: boolean;
  project: ProjectFolder;
  /** What is known of its inputs only now. */
  onInputs: (inputs: Partial<ExecutionRecord['inputs']>) => void;
  signal: AbortSignal;
};

/** Its container runs, or did. @throws Problem when it cannot be started */
export async function launchExecution(parts: LaunchParts, launch: Launch): Promise<void> {
  const { docker, folders, networks, gateway, accountNames, certificates } = parts;
  const { record, gpus, project, signal } = launch;
  const name = containerName(record.id);
  if (!launch.fresh && (await docker.inspect(name, signal))?.begun) return;
  const paths = folders.pathsOf(record);
  const [{ image, revision }, networkName, names, sha256] = await Promise.all([
    findImage(parts, launch),
    networks.shared('jobs'),
    accountNames(project.owner),
    folders.create(record, runnerSpec(record), project.owner).then(() => layOutFiles(parts, launch)),
  ]);
  signal.throwIfAborted();
  launch.onInputs({ image, revision, sha256 });
  const { folder: secrets } = await parts.secrets.give(record.id, wantedSecrets(record), project.owner);
  signal.throwIfAborted();
  // Not by the signal: a creation that is cut off may leave a container that nobody knows.
  await docker
    .create(executionContainer({ record, gpus, image, gateway, project, paths, names, certificates, secrets, network: networkName }))
    .catch(unlessThere);
  signal.throwIfAborted();
  await docker.start(name);
}

/** The image that it ran in before, for one that is run again; else the environment's of today, built if need be. */
async function findImage({ docker, environments }: LaunchParts, { record, signal }: Launch): Promise<Ready> {
  const { image, revision, environment } = record.inputs;
  if (image === null) return environments.ensure({ projectId: record.projectId, environment }, signal);
  if (await docker.images.inspect(image, signal)) return { image, revision };
  throw new Problem(
    'conflict',
    `The environment "${environment}" as it was then is gone. Run the job instead of the execution: it uses the environment as it is today.`,
  );
}

/** @returns the digest of its program */
async function layOutFiles({ disk, snapshots }: LaunchParts, { record, project, signal }: Launch): Promise<string> {
  const { snapshot, path } = record.inputs;
  if (snapshot !== null) return snapshots.materialise(record, snapshot, { owner: project.owner, signal });
  await using content = await disk.folder(project).open(parsePath(path));
  const hash = createHash('sha256');
  for await (const chunk of content.stream()) hash.update(chunk);
  return hash.digest('hex');
}

/** A gateway that died had made it already. */
function unlessThere(error: unknown): void {
  if (!(error instanceof Problem) || error.code !== 'conflict') throw error;
}
