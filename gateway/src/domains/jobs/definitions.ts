/** Jobs as such: kept under a name, changed, executed, deleted. */
import type { Job, JobExecution, Program } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { ExecutionRecord } from '../../ports/state/executions.ts';
import type { JobRecord } from '../../ports/state/jobs.ts';
import type { Environments } from '../environments/environments.ts';
import { parsePath } from '../files/path.ts';
import type { Executions } from './executions.ts';
import { noJob, toExecution } from './parts.ts';
import type { Common } from './parts.ts';
import type { Queue } from './queue.ts';
import { describe, refuseWhileRunning } from './registry.ts';
import type { Registry } from './registry.ts';
import type { NamedSecrets } from '../secrets/secrets.ts';

export type DefinitionParts = Common & {
  registry: Registry;
  executions: Executions;
  queue: Queue;
  /** Removes what has ended of a job that is to be deleted, with its folders. */
  forgetEnded: (job: { projectId: string; job: string }) => Promise<void>;
  environments: Pick<Environments, 'find'>;
  /** In which state of a repository a file of the project is; null: in none. */
  stateOf: (project: string, path: string, signal: AbortSignal) => Promise<ExecutionRecord['inputs']['git']>;
};

export type PutJob = Omit<Program, 'secrets'> & { secrets?: Program['secrets']; project: string; job: string; keep: number };
export type RunJob = {
  project: string;
  job: string;
  arguments?: Program['arguments'] | undefined;
  parameters?: Program['parameters'] | undefined;
  variables?: Program['variables'] | undefined;
  secrets?: Program['secrets'] | undefined;
  snapshot?: string | undefined;
  git?: ExecutionRecord['inputs']['git'] | undefined;
  warnings?: string[] | undefined;
  idempotencyKey?: string | undefined;
};

export type Definitions = ReturnType<typeof createDefinitions>;

export function createDefinitions(parts: DefinitionParts) {
  const { rows, projects, events, registry, executions, queue, forgetEnded } = parts;

  async function find(projectName: string, name: string) {
    const project = await projects.folder(projectName);
    const record = await rows.jobs.get(project.id, name);
    if (!record) throw noJob(projectName, name);
    return { project, record };
  }

  return {
    find,

    async list(projectName: string): Promise<(Job & { last: JobExecution | null })[]> {
      const { id } = await projects.folder(projectName);
      const [jobs, last] = await Promise.all([rows.jobs.ofProject(id), rows.executions.lastOfEach(id)]);
      const newest = new Map(last.map((record) => [record.job, describe(registry, record, projectName)]));
      return jobs.map((record) => ({ ...toJob(record, projectName), last: newest.get(record.name) ?? null }));
    },

    async get({ project, job }: { project: string; job: string }): Promise<Job> {
      return toJob((await find(project, job)).record, project);
    },

    async put({ project: projectName, job: name, keep, secrets = [], ...given }: PutJob, user: string): Promise<Job> {
      const project = await projects.folder(projectName);
      const program = { ...given, secrets };
      refuseUnknownType(program.path);
      refuseWithoutEffect(program);
      parsePath(program.path);
      const deadline = AbortSignal.timeout(10_000);
      const wanted = { projectId: project.id, environment: program.environment };
      // An engine that is slow is as good as one that is away.
      await parts.environments.find(wanted, deadline).catch((error: unknown) => deadline.aborted || unlessEngine(error));
      const { cores, memory, gpus } = program.compute;
      await queue.refuseImpossible(project, { cores, memory, gpus }).catch(unlessEngine);
      const before = await rows.jobs.get(project.id, name);
      const record = { projectId: project.id, name, program, keep, user, created: before?.created ?? new Date().toISOString() };
      await rows.jobs.save(record);
      const job = toJob(record, projectName);
      events.publish({ type: 'job.changed', project: projectName, data: job }, project.id);
      return job;
    },

    async run({ project: projectName, job, ...run }: RunJob, user: string): Promise<JobExecution> {
      const { project, record } = await find(projectName, job);
      const inputs = {
        ...inputsOf(record.program, run),
        git: run.git ?? (await stateOf(parts, projectName, { path: record.program.path, snapshot: run.snapshot !== undefined })),
      };
      refuseWithoutEffect(inputs);
      const { warnings = [] } = run;
      const submission = {
        warnings,
        job,
        user,
        trigger: 'user',
        schedule: null,
        idempotencyKey: run.idempotencyKey ?? null,
        inputs,
      } as const;
      return toExecution(await executions.submit(project, submission), projectName);
    },

    /** The jobs that would run in an environment of the project. */
    async usersOf(projectId: string, environment: string): Promise<{ type: 'job'; id: string; title: string; revision: null }[]> {
      const using = (await rows.jobs.ofProject(projectId)).filter(({ program }) => program.environment === environment);
      return using.map(({ name }) => ({ type: 'job', id: name, title: name, revision: null }));
    },

    /** Jobs that name secrets, and executions that have them, of one project or of all. */
    async secretUsers(projectId: string | null): Promise<NamedSecrets[]> {
      const names = (secrets: Program['secrets']) => secrets.map(({ name }) => name);
      const found: NamedSecrets[] = [];
      for (const { name, projectId: id, program, user } of await (projectId === null ? rows.jobs.all() : rows.jobs.ofProject(projectId))) {
        const project = program.secrets.length > 0 ? await projects.byId(id) : null;
        if (project) found.push({ type: 'job', project: project.name, id: name, title: name, names: names(program.secrets), user });
      }
      for (const { record, project } of projectId === null ? registry.all() : registry.ofProject(projectId)) {
        const { id, job, number, user, inputs } = record();
        found.push({ type: 'execution', project: project.name, id, title: `${job}/${number}`, names: names(inputs.secrets), user });
      }
      return found;
    },

    /** An environment has another name: its jobs go along. */
    async renameEnvironment(projectId: string, from: string, to: string): Promise<void> {
      for (const record of await rows.jobs.ofProject(projectId)) {
        if (record.program.environment === from) await rows.jobs.save({ ...record, program: { ...record.program, environment: to } });
      }
      for (const execution of registry.ofProject(projectId)) await execution.renameEnvironment(from, to);
    },

    async delete({ project: projectName, job }: { project: string; job: string }): Promise<void> {
      const { project } = await find(projectName, job);
      refuseWhileRunning(registry, project.id, job);
      // Those that have just ended still clear up.
      await Promise.all(registry.ofJob(project.id, job).map((execution) => execution.over()));
      await forgetEnded({ projectId: project.id, job });
      await rows.jobs.remove(project.id, job);
      events.publish({ type: 'job.deleted', project: projectName, data: { job } }, project.id);
    },
  };
}

const stateDeadline = 15_000;

/** Worth knowing, and nothing that an execution fails for. A snapshot may hold what the project does not, so it is never called clean. */
async function stateOf(parts: DefinitionParts, project: string, { path, snapshot }: { path: string; snapshot: boolean }) {
  const state = await parts.stateOf(project, path, AbortSignal.timeout(stateDeadline)).catch(() => null);
  return state && { ...state, dirty: state.dirty || snapshot };
}

/** What an execution is given: the job's, and what was said for this time. */
export function inputsOf(program: Program, run: Omit<RunJob, 'project' | 'job'> & { logicalTime?: string }): ExecutionRecord['inputs'] {
  return {
    ...program,
    arguments: run.arguments ?? program.arguments,
    parameters: { ...program.parameters, ...run.parameters },
    variables: { ...program.variables, ...run.variables },
    secrets: run.secrets ?? program.secrets,
    image: null,
    revision: null,
    snapshot: run.snapshot ?? null,
    sha256: null,
    git: run.git ?? null,
    logicalTime: run.logicalTime ?? null,
  };
}

function toJob({ projectId: _projectId, program, ...rest }: JobRecord, project: string): Job {
  return { ...rest, ...program, project, type: program.path.endsWith('.ipynb') ? 'notebook' : 'python' };
}

function refuseUnknownType(path: string): void {
  if (/\.(py|ipynb)$/.test(path)) return;
  throw new Problem('invalid', `${JSON.stringify(path)} is neither a Python file (.py) nor a notebook (.ipynb).`, {
    fields: [{ field: 'path', problem: 'must end with .py or .ipynb' }],
  });
}

/** What the program would never see. */
function refuseWithoutEffect({ path, arguments: args, parameters }: Pick<Program, 'path' | 'arguments' | 'parameters'>): void {
  const isNotebook = path.endsWith('.ipynb');
  const names = Object.keys(parameters).join(', ');
  if (!isNotebook && names) {
    throw new Problem('invalid', `${JSON.stringify(path)} is a Python file, which takes arguments and no parameters (${names}).`, {
      fields: [{ field: 'parameters', problem: 'only a notebook takes them' }],
    });
  }
  if (isNotebook && args.length > 0) {
    throw new Problem('invalid', `${JSON.stringify(path)} is a notebook, which takes parameters and no arguments (${args.join(' ')}).`, {
      fields: [{ field: 'arguments', problem: 'only a Python file takes them' }],
    });
  }
}

/** A job can be changed while the engine is away; when it runs, all is checked again. */
function unlessEngine(error: unknown): void {
  if (!(error instanceof Problem) || !['engine-unavailable', 'timeout'].includes(error.code)) throw error;
}
