/** From a record to a running workload: image and files. Whatever was done already by a gateway that died is taken as it is. */
import { createHash } from 'node:crypto';
import type { ExecutionFolders } from '../../ports/run-archive.ts';
import type { Disk } from '../../ports/files.ts';
import type { ExecutionRecord } from '../../ports/state/executions.ts';
import { Problem } from '@bine/shared/problems';
import type { Environments, Ready } from '../environments/environments.ts';
import { parsePath } from '../files/path.ts';
import type { Compute } from '../../ports/compute.ts';
import type { Giving } from '../secrets/giving.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import { wantedSecrets } from './parts.ts';
import { executionWorkload, runnerSpec } from './workload.ts';
import type { Snapshots } from './snapshots.ts';

export type LaunchParts = {
  compute: Compute;
  environments: Pick<Environments, 'find' | 'ensure'>;
  folders: ExecutionFolders;
  secrets: Pick<Giving, 'check' | 'give' | 'takeBack'>;
  snapshots: Pick<Snapshots, 'materialise' | 'keepChanged'>;
  disk: Pick<Disk, 'folder'>;
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

/** Its workload runs, or did. @throws Problem when it cannot be started */
export async function launchExecution(parts: LaunchParts, launch: Launch): Promise<void> {
  const { compute, folders } = parts;
  const { record, gpus, project, signal } = launch;
  if (!launch.fresh && (await compute.status(compute.refOf('execution', record.id), signal)).begun) return;
  const paths = folders.pathsOf(record);
  const [{ image, revision }, sha256] = await Promise.all([
    findImage(parts, launch),
    folders.create(record, runnerSpec(record), project.owner).then(() => layOutFiles(parts, launch)),
  ]);
  signal.throwIfAborted();
  launch.onInputs({ image, revision, sha256 });
  const { folder: secrets } = await parts.secrets.give(record.id, wantedSecrets(record), project.owner);
  signal.throwIfAborted();
  await compute.launch(executionWorkload({ record, gpus, image, project, paths, secrets }), { signal });
}

/** The image that it ran in before, for one that is run again; else the environment's of today, built if need be. */
async function findImage({ compute, environments }: LaunchParts, { record, signal }: Launch): Promise<Ready> {
  const { image, revision, environment } = record.inputs;
  if (image === null) return environments.ensure({ projectId: record.projectId, environment }, signal);
  if ((await compute.imageId(image, signal)) !== null) return { image, revision };
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
