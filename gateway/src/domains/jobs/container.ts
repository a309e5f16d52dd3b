/** An execution's container: what it is given, what it is kept from, and the labels by which it is found again. */
import type { RunnerSpec } from '../../ports/job-agent.ts';
import type { ExecutionPaths } from '../../ports/run-archive.ts';
import type { ContainerSpec } from '../../adapters/docker/docker.ts';
import type { ExecutionRecord } from '../../ports/state/executions.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import { limitsOf, programEnvironment } from '../kernels/container.ts';
import type { Certificates } from '../kernels/container.ts';
import { secretMounts } from '../secrets/giving.ts';

export type ContainerInput = {
  record: ExecutionRecord;
  gpus: string[];
  image: string;
  gateway: string;
  project: Pick<ProjectFolder, 'name' | 'files' | 'owner'>;
  paths: ExecutionPaths;
  /** What gives its user a name. */
  names: NonNullable<ContainerSpec['mounts']>;
  certificates: Certificates;
  /** The folder with its secrets; null: it has none. */
  secrets: string | null;
  network: string;
};

/** Bytes that a log may take; beyond that its middle goes. */
const logQuota = 2 ** 30;

/** One container for an execution, ever: the engine gives a name once. */
export const containerName = (id: string): string => `bine-execution-${id}`;

/** What a gateway looks for when it starts. */
export function executionsOf(gateway: string): Record<string, string> {
  return { 'bine.gateway': gateway, 'bine.role': 'execution' };
}

export function executionContainer(input: ContainerInput): ContainerSpec {
  const { record, gpus, image, project, paths, names, certificates } = input;
  const { compute, snapshot, variables, logicalTime } = record.inputs;
  const secrets = secretMounts(input.secrets);
  return {
    name: containerName(record.id),
    image,
    command: runnerCommand(record),
    user: `${project.owner.uid}:${project.owner.gid}`,
    workingDirectory: '/bine',
    labels: {
      ...executionsOf(input.gateway),
      'bine.execution': record.id,
      'bine.project': record.projectId,
      'bine.job': record.job,
      'bine.environment': record.inputs.environment,
      'bine.user': record.user,
      'bine.gpus': gpus.join(','),
    },
    environment: {
      ...certificates.environment,
      ...programEnvironment(compute.cores),
      PYTHONUNBUFFERED: '1',
      ...variables,
      BINE_PROJECT: project.name,
      BINE_JOB: record.job,
      BINE_EXECUTION: record.id,
      BINE_RESULTS: '/results',
      ...secrets.environment,
      ...(logicalTime !== null && { BINE_LOGICAL_TIME: logicalTime }),
    },
    mounts: [
      ...certificates.mounts,
      ...names,
      { source: project.files, target: '/project' },
      { source: paths.bine, target: '/bine' },
      ...(snapshot === null ? [] : [{ source: paths.snapshot, target: '/snapshot' }]),
      ...secrets.mounts,
    ],
    network: input.network,
    limits: limitsOf(compute),
    gpus,
  };
}

const runner = "import sys; sys.path.append('/opt/bine/packages'); from bine_supervisor.jobs import main; main()";
const python = '/opt/env/bin/python';

/** Without `-m` and with `-S`, since loading takes time; `-I`, so that what the job's variables say of Python is for the program alone. */
function runnerCommand(record: ExecutionRecord): string[] {
  const { kind, path, cwd, arguments: args } = runnerSpec(record);
  return ['/opt/bine/bin/python', '-I', '-S', '-c', runner, '/bine', kind, path, cwd, python, ...args];
}

/** What the runner in the container is told. */
export function runnerSpec({ inputs, warnings }: ExecutionRecord): RunnerSpec {
  const cwd = inputs.snapshot === null ? '/project' : '/snapshot';
  const executed = executedName(inputs.path);
  return {
    kind: executed === null ? 'python' : 'notebook',
    python,
    path: `${cwd}/${inputs.path}`,
    cwd,
    arguments: inputs.arguments,
    parameters: inputs.parameters,
    timeout: inputs.compute.timeout,
    executed: executed && `/results/${executed}`,
    quota: logQuota,
    warnings,
  };
}

/** Of a notebook, the executed one's name among the results. null: it is a program. */
export function executedName(path: string): string | null {
  return path.endsWith('.ipynb') ? path.slice(path.lastIndexOf('/') + 1) : null;
}
