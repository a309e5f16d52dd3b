/** An execution as a workload: what it is given, what it is kept from, and the facts by which it is found again. */
import type { RunnerSpec } from '../../ports/job-agent.ts';
import type { ExecutionPaths } from '../../ports/run-archive.ts';
import type { ExecutionRecord } from '../../ports/state/executions.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import type { WorkloadSpec } from '../../ports/compute.ts';
import { programEnvironment } from '../compute/program-environment.ts';
import { secretGrants } from '../secrets/giving.ts';

export type WorkloadInput = {
  record: ExecutionRecord;
  gpus: string[];
  image: string;
  project: Pick<ProjectFolder, 'name' | 'files' | 'owner'>;
  paths: ExecutionPaths;
  /** The folder with its secrets; null: it has none. */
  secrets: string | null;
};

/** Bytes that a log may take; beyond that its middle goes. */
const logQuota = 2 ** 30;

export function executionWorkload({ record, gpus, image, project, paths, secrets: secretFolder }: WorkloadInput): WorkloadSpec {
  const { compute, snapshot, variables, logicalTime, environment } = record.inputs;
  const secrets = secretGrants(secretFolder);
  return {
    role: 'execution',
    // One workload for an execution, ever.
    name: record.id,
    projectId: record.projectId,
    facts: { execution: record.id, job: record.job, environment, user: record.user },
    image,
    command: runnerCommand(record),
    workingDirectory: '/bine',
    owner: project.owner,
    environment: {
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
    files: [
      { source: project.files, path: '/project' },
      { source: paths.bine, path: '/bine' },
      ...(snapshot === null ? [] : [{ source: paths.snapshot, path: '/snapshot' }]),
      ...secrets.files,
    ],
    limits: { cores: compute.cores, memory: compute.memory },
    gpus,
    network: 'isolated',
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
