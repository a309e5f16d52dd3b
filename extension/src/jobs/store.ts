/** The jobs of the user's projects with their latest executions and schedules, kept up by events. */
import type { Job, JobExecution, Schedule } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { toProblem } from '../connection/problem.ts';
import type { Projects } from '../projects/store.ts';
import { type Index, createIndex } from '../vs/index-of.ts';

export type Jobs = vscode.Disposable & {
  /** The one executed last comes first; null: not known yet. */
  readonly all: readonly Job[] | null;
  readonly onDidChange: vscode.Event<void>;
  /** An execution became another state, or was seen for the first time. */
  readonly onDidChangeExecution: vscode.Event<JobExecution>;
  find(project: string, name: string): Job | undefined;
  /** Known ones, newest first. */
  executionsOf(job: Named): readonly JobExecution[];
  /** Asks for the latest of a job, as many as are shown, unless that was done. */
  load(job: Named): Promise<void>;
  schedulesOf(job: Named): readonly Schedule[];
  execution(id: string): JobExecution | undefined;
  refresh(this: void): Promise<void>;
};

/** A job by its name. */
export type Named = { project: string; name: string };

/** Many changes at once are shown once, in milliseconds. */
const gather = 100;
/** Of each job that is opened in the view. */
const shown = 50;
/** Of each project, for what failed while nobody looked. */
const recent = 50;

const keyOf = ({ project, name }: Named) => `${project}/${name}`;

type Known = { jobs: Index<Job>; executions: Index<JobExecution>; schedules: Index<Schedule> };

export function createJobs(connection: Connection, projects: Projects): Jobs {
  const { client, events } = connection;
  const changed = new vscode.EventEmitter<void>();
  const executionChanged = new vscode.EventEmitter<JobExecution>();
  const known: Known = { jobs: createIndex(), executions: createIndex(), schedules: createIndex() };
  /** Jobs whose older executions were asked for. */
  const older = new Set<string>();
  let loaded = false;
  let telling: ReturnType<typeof setTimeout> | undefined;

  const tell = () => {
    telling ??= setTimeout(() => {
      telling = undefined;
      changed.fire();
    }, gather);
  };
  const keep = (execution: JobExecution) => {
    known.executions.set(execution.id, execution);
    executionChanged.fire(execution);
    tell();
  };

  async function refresh(): Promise<void> {
    const names = (await projects.refresh()).map(({ name }) => name);
    const answers = Promise.all([
      everywhere(names, (project) => client.jobs.list({ project })),
      everywhere(names, (project) => client.executions.list({ project, limit: recent })),
      everywhere(names, (project) => client.schedules.list({ project })),
    ]);
    await Promise.all([
      known.jobs.refill(answers.then(([jobs]) => jobs.map(({ last: _last, ...job }) => [keyOf(job), job]))),
      known.executions.refill(answers.then(([jobs, executions]) => [...lastOf(jobs), ...executions].map((one) => [one.id, one]))),
      known.schedules.refill(answers.then(([, , schedules]) => schedules.map((schedule) => [schedule.id, schedule]))),
    ]);
    older.clear();
    loaded = true;
    for (const execution of known.executions.values()) executionChanged.fire(execution);
    tell();
  }

  function drop(belongs: (one: { project: string; job: string }) => boolean): void {
    for (const [key, { project, name }] of known.jobs.entries()) if (belongs({ project, job: name })) known.jobs.delete(key);
    for (const map of [known.executions, known.schedules]) for (const [id, one] of map.entries()) if (belongs(one)) map.delete(id);
    tell();
  }
  function forget(): void {
    loaded = false;
    older.clear();
    drop(() => true);
  }
  // A failure is told by the connection's own state; whoever asks for it gets it too.
  const behind = () => void refresh().catch(() => undefined);

  const disposables = vscode.Disposable.from(
    changed,
    executionChanged,
    events.onDidReset(behind),
    events.on('job.changed', ({ data }) => {
      known.jobs.set(keyOf(data), data);
      tell();
    }),
    events.on('job.deleted', ({ project, data }) => drop((one) => one.project === project && one.job === data.job)),
    events.on('execution.changed', ({ data }) => keep(data)),
    events.on('schedule.changed', ({ data }) => {
      known.schedules.set(data.id, data);
      tell();
    }),
    events.on('schedule.deleted', ({ data }) => {
      known.schedules.delete(data.id);
      tell();
    }),
    events.on('project.deleted', ({ project }) => drop((one) => one.project === project)),
    events.on('project.restored', behind),
    events.on('member.set', behind),
    connection.onDidRestart(forget),
    connection.onDidChangeState((state) => state === 'signed-out' && forget()),
  );

  const executionsOf = ({ project, name }: Named) =>
    [...known.executions.values()].filter((one) => one.project === project && one.job === name).sort((a, b) => b.number - a.number);
  return {
    get all() {
      if (!loaded) return null;
      const when = new Map([...known.jobs.values()].map((job) => [job, executionsOf(job)[0]?.submitted ?? job.created]));
      return [...known.jobs.values()].sort((a, b) => when.get(b)!.localeCompare(when.get(a)!));
    },
    onDidChange: changed.event,
    onDidChangeExecution: executionChanged.event,
    find: (project, name) => known.jobs.get(keyOf({ project, name })),
    executionsOf,
    async load({ project, name }) {
      const key = keyOf({ project, name });
      if (older.has(key)) return;
      const before = new Map(known.executions.entries());
      const list = await client.executions.list({ project, job: name, limit: shown });
      older.add(key);
      // What an event said meanwhile is newer than this answer.
      for (const one of list) if (known.executions.get(one.id) === before.get(one.id)) known.executions.set(one.id, one);
      tell();
    },
    schedulesOf: ({ project, name }) =>
      [...known.schedules.values()]
        .filter((one) => one.project === project && one.job === name)
        .sort((a, b) => a.created.localeCompare(b.created)),
    execution: (id) => known.executions.get(id),
    refresh,
    dispose: () => disposables.dispose(),
  };
}

const lastOf = (jobs: readonly { last: JobExecution | null }[]) => jobs.flatMap(({ last }) => (last ? [last] : []));

/** A project that went away between the two questions has none any more. */
async function everywhere<T>(projects: readonly string[], list: (project: string) => Promise<T[]>): Promise<T[]> {
  const lists = projects.map((project) =>
    list(project).catch((error: unknown) => {
      if (toProblem(error).code === 'not-found') return [];
      throw error;
    }),
  );
  return (await Promise.all(lists)).flat();
}
