/** What can be asked of executions and done to them. */
import type { JobExecution, LogLine, Results, Usage } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { Folder } from '../../ports/files.ts';
import type { ExecutionFolders } from '../../ports/run-archive.ts';
import type { ExecutionRecord } from '../../ports/state/executions.ts';
import { createChanges } from '../../lib/changes.ts';
import { newId } from '../../lib/id.ts';
import { openFile } from '../files/files.ts';
import type { OpenFile } from '../files/files.ts';
import { refuseReached } from '../capacity/limits.ts';
import type { ProjectFolder } from '../projects/projects.ts';
import { isOver, noJob, toExecution, wantedSecrets } from './parts.ts';
import type { Common } from './parts.ts';
import type { Queue } from './queue.ts';
import { describe } from './registry.ts';
import { listResults } from './results.ts';
import type { Page, ResultFolders } from './results.ts';
import type { Registry } from './registry.ts';
import type { Snapshots } from './snapshots.ts';

export type ExecutionParts = Common & { registry: Registry; queue: Queue; snapshots: Snapshots; folders: ExecutionFolders };

/** How an execution is named in a request. */
export type ExecutionName = { project: string; execution: string };

export type Submission = Pick<ExecutionRecord, 'job' | 'user' | 'trigger' | 'schedule' | 'idempotencyKey' | 'inputs'> &
  Partial<Pick<ExecutionRecord, 'warnings'>>;

export type Executions = ReturnType<typeof createExecutions>;

export function createExecutions(parts: ExecutionParts) {
  const { registry, queue, snapshots, rows, secrets } = parts;

  /** @throws Problem `invalid` for what can never run here, `not-found` if the job is gone */
  async function submit(project: ProjectFolder, submission: Submission): Promise<ExecutionRecord> {
    const refusal = await refusalOf(project, submission);
    await parts.quota.settle(project);
    const submitted = new Date().toISOString();
    const begin = refusal
      ? ({ state: 'failed', cause: refusal.message, ended: submitted } as const)
      : ({ state: 'queued', cause: null, ended: null } as const);
    const fresh = { ...begin, exitCode: null, started: null, cells: null, warnings: [], stopping: null };
    const record = { id: newId(), projectId: project.id, submitted, ...fresh, ...submission };
    const added = await rows.executions.add(record, (queued) => refusal ?? refuseNow(project, queued));
    if (!added) throw noJob(project.name, submission.job);
    if (added.fresh) {
      void registry.tell(added.record, project.name);
      if (!refusal) registry.enqueue(added.record, project);
    }
    return registry.current(added.record);
  }

  /** Not asked for what was submitted before under the same key. */
  function refuseNow(project: ProjectFolder, queued: number): void {
    parts.quota.refuse(project);
    refuseReached(project, parts.limitsOf(project.id), { used: { queued }, wanted: { queued: 1 } });
  }

  /** Who asks is told; a schedule has nobody to tell, so its execution fails. */
  async function refusalOf(project: ProjectFolder, submission: Submission): Promise<Problem | null> {
    const { inputs, trigger } = submission;
    const { compute, snapshot, path } = inputs;
    const { cores, memory, gpus } = compute;
    try {
      // Before what asks the engine, without which a schedule's execution waits, and gets what it names when it starts.
      await checkSecrets(project, submission);
      await queue.refuseImpossible(project, { cores, memory, gpus });
      if (snapshot !== null) await snapshots.check(project.id, snapshot, path);
      return null;
    } catch (error) {
      if (trigger !== 'schedule' || !(error instanceof Problem)) throw error;
      // It waits in the queue for the engine to come back.
      return error.code === 'invalid' ? error : null;
    }
  }

  async function checkSecrets(project: ProjectFolder, { job, user, trigger, inputs }: Submission): Promise<void> {
    const given = await secrets.check(wantedSecrets({ projectId: project.id, user, inputs }));
    if (trigger !== 'schedule' || !given.private) return;
    // Else whoever may change the job could have a schedule bring its user's own secrets to another program.
    const definition = await rows.jobs.get(project.id, job);
    if (definition === null || definition.user === user) return;
    throw new Problem(
      'invalid',
      `The job was changed by ${definition.user}, and secrets of ${user} go by schedule only to what ${user} wrote. Let ${user} save the job again, or set them as secrets of the project.`,
    );
  }

  return { submit, ...asking(parts), ...commanding(parts, submit) };
}

function asking({ registry, rows, projects, runner, folders, disk, snapshots }: ExecutionParts) {
  const resultsOf = (record: ExecutionRecord, { owner }: ProjectFolder): ResultFolders => {
    const { results, kept } = folders.pathsOf(record);
    const at = (files: string): Folder => disk.folder({ files, bin: `${files}.bin`, owner });
    return { results: at(results), folder: at(kept) };
  };

  return {
    async list(
      projectName: string,
      which: { job?: string | undefined; limit: number; before?: string | undefined },
    ): Promise<JobExecution[]> {
      const { id } = await projects.folder(projectName);
      const { job, before, limit } = which;
      const found = await rows.executions.list(id, { limit, ...(job !== undefined && { job }), ...(before !== undefined && { before }) });
      return found.map((record) => describe(registry, record, projectName));
    },

    async get({ project, execution }: ExecutionName): Promise<JobExecution> {
      return describe(registry, (await registry.find(project, execution)).record, project);
    },

    /** From the line after `after`; live until it has ended. */
    async log({ project, execution, after }: ExecutionName & { after: number }, signal: AbortSignal): Promise<AsyncIterable<LogLine>> {
      const { record, live } = await registry.find(project, execution);
      const changes = live?.changes ?? createChanges();
      const ended = () => isOver(live?.record() ?? record);
      return runner.followLog({ directory: folders.pathsOf(record).bine, after, changes, ended, signal });
    },

    async usage({ project, execution }: ExecutionName): Promise<Usage[]> {
      return runner.readUsage(folders.pathsOf((await registry.find(project, execution)).record).bine);
    },

    /** The files it left, by path, from the one behind `after`. */
    async results({ project, execution, ...page }: ExecutionName & Page): Promise<Results> {
      const found = await registry.find(project, execution);
      const listed = await listResults(resultsOf(found.record, found.project), page);
      const given = listed.results.length > 0 ? await snapshots.filesOf(found.record).catch(noFiles) : noFiles();
      return { ...listed, results: listed.results.map((one) => ({ ...one, before: given.get(one.path)?.sha256 ?? null })) };
    },

    /** The caller closes it. */
    async openResult({ project, execution }: ExecutionName, path: string): Promise<OpenFile> {
      const found = await registry.find(project, execution);
      const { results, folder } = resultsOf(found.record, found.project);
      return openFile(results, path).catch((error: unknown) => {
        if (error instanceof Problem && error.code === 'not-found') return openFile(folder, path);
        throw error;
      });
    },
  };
}

/** The snapshot was forgotten. */
const noFiles = () => new Map<string, { sha256: string }>();

type Submit = (project: ProjectFolder, submission: Submission) => Promise<ExecutionRecord>;

function commanding({ registry }: ExecutionParts, submit: Submit) {
  return {
    async stop({ project, execution }: ExecutionName, user: string): Promise<JobExecution> {
      const { live, record } = await registry.find(project, execution);
      if (live) await registry.stop(live, `Stopped by ${user}.`);
      else if (!isOver(record)) {
        throw new Problem('conflict', 'The container engine does not answer, so it is not known what runs. Try again when it does.');
      }
      return toExecution(live?.record() ?? record, project);
    },

    /** The same program with the same inputs, in the image that it ran in. */
    async rerun({ project: name, execution }: ExecutionName, user: string): Promise<JobExecution> {
      const { project, record } = await registry.find(name, execution);
      const { job, inputs, warnings } = record;
      const again = await submit(project, {
        job,
        user,
        trigger: 'rerun',
        schedule: null,
        idempotencyKey: null,
        inputs: { ...inputs, sha256: null },
        warnings,
      });
      return toExecution(again, name);
    },
  };
}
