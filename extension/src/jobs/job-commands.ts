/** The commands of jobs, from the explorer, a title, the view, a notification or the palette. */
import type { JobExecution, Schedule } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import type { Projects } from '../projects/store.ts';
import { toProblem } from '../connection/problem.ts';
import { cancelled, confirm, pick } from '../vs/ask.ts';
import { briefly } from '../vs/progress.ts';
import { type Asked, askJob } from './ask-job.ts';
import { type ChangeCommand, createChangeCommands, tellNext } from './change-commands.ts';
import { secretsFor } from '../secrets/choose.ts';
import { type Choice, type Memory, defaultChoice } from './choices.ts';
import { executionLook, isOver } from './describe.ts';
import { mostOf } from './most.ts';
import { type Clicked, type Program, programsOf } from './program.ts';
import { resultUri } from './results.ts';
import { downloadResults, saveBeside } from './save-results.ts';
import { execute, prepare } from './run-as-job.ts';
import type { Jobs, Named } from './store.ts';
import type { JobNode } from './tree.ts';

export type JobCommand =
  | ChangeCommand
  | 'bine.downloadResults'
  | 'bine.saveResultsBeside'
  | 'bine.pickAndStop'
  | 'bine.pickAndRerun'
  | 'bine.pickAndShowLog'
  | 'bine.pickAndOpenNotebook'
  | 'bine.pickAndShowHistory'
  | 'bine.runAsJob'
  | 'bine.configureAndRunAsJob'
  | 'bine.refreshJobs'
  | 'bine.stopExecution'
  | 'bine.rerunExecution'
  | 'bine.showExecutionLog'
  | 'bine.openExecutedNotebook'
  | 'bine.showJobHistory'
  | 'bine.deleteJob'
  | 'bine.pauseSchedule'
  | 'bine.resumeSchedule'
  | 'bine.deleteSchedule';

type OwnCommand = Exclude<JobCommand, ChangeCommand | `bine.pickAnd${string}`>;

export type JobCommandDeps = {
  connection: Connection;
  projects: Projects;
  jobs: Jobs;
  view: vscode.TreeView<JobNode>;
  memory: Memory;
  /** The folder that a snapshot was taken of, if it was taken here. */
  originOf: (snapshot: string) => vscode.Uri | undefined;
  started: (execution: JobExecution) => void;
  showLog: (execution: JobExecution, options: { preserveFocus: boolean }) => void;
  showHistory: (job: Named, selected?: string) => Promise<void>;
};

export function createJobCommands(deps: JobCommandDeps): Record<JobCommand, (...args: never[]) => unknown> {
  const { connection, jobs, view, started } = deps;
  const { client } = connection;
  const saving = { connection, originOf: deps.originOf };

  /** The one clicked or selected; of a job its latest; else one picked. */
  async function meant(title: string, node = view.selection[0], fits: (one: JobExecution) => boolean = () => true): Promise<JobExecution> {
    if (node && 'execution' in node) return jobs.execution(node.execution.id) ?? node.execution;
    const last = node?.kind === 'job' && jobs.executionsOf(node.job)[0];
    return last || pickExecution(title, jobs, fits);
  }
  const at = ({ project, id }: JobExecution) => ({ project, execution: id });
  const pause = (paused: boolean) => (node: JobNode) => {
    const { project, id } = scheduleOf(node);
    return client.schedules.update({ project, schedule: id, paused });
  };

  /** Of a node what is meant, results where one was chosen. */
  async function chosen(title: string, node?: JobNode) {
    return { execution: await meant(title, node, isOver), result: node?.kind === 'result' ? node.result : null };
  }
  const commands: Record<OwnCommand, (...args: never[]) => unknown> = {
    'bine.runAsJob': async (clicked: Clicked, selected: unknown) => {
      for (const program of programsOf(clicked, selected)) {
        const target = await targetOf(deps, program);
        started(await execute(deps, await prepare(deps, program, target)));
      }
    },
    'bine.configureAndRunAsJob': async (clicked: Clicked) => configureAndRun(deps, programsOf(clicked)[0]!),
    'bine.refreshJobs': () => briefly('Refresh Jobs…', jobs.refresh),
    'bine.stopExecution': async (node?: JobNode) => {
      const one = await meant('Stop', node, (each) => !isOver(each));
      await briefly(`Stopping ${one.job} #${one.number}…`, () => client.executions.stop(at(one)));
    },
    'bine.rerunExecution': async (node?: JobNode) => {
      const one = await meant('Run Again', node);
      started(await briefly(`Run ${one.job} again…`, () => client.executions.rerun(at(one))));
    },
    'bine.showExecutionLog': async (node?: JobNode) => deps.showLog(await meant('Show Log', node), { preserveFocus: false }),
    'bine.openExecutedNotebook': async (node?: JobNode) => {
      const one = await meant('Open Executed Notebook', node, ({ executed }) => executed !== null);
      if (!one.executed) throw new Problem('not-found', `${one.job} #${one.number} has no executed notebook yet.`);
      await vscode.commands.executeCommand('vscode.open', resultUri(one, one.executed));
    },
    'bine.showJobHistory': async (node: JobNode | undefined = view.selection[0]) => {
      const known = node?.kind === 'job' ? node.job : null;
      const one = known ? null : await meant('Show History', node);
      await deps.showHistory(known ?? { project: one!.project, name: one!.job }, one?.id);
    },
    'bine.deleteJob': async (node: JobNode) => {
      if (node.kind !== 'job') return;
      const { project, name } = node.job;
      await confirm(
        `Delete the job "${name}"?`,
        'The logs and results of all its executions and its schedules go with it. Files of the project stay.',
        'Delete',
      );
      await client.jobs.delete({ project, job: name });
    },
    'bine.pauseSchedule': pause(true),
    'bine.resumeSchedule': pause(false),
    'bine.deleteSchedule': async (node: JobNode) => {
      const { project, id, cron, job } = scheduleOf(node);
      await confirm(`Delete the schedule ${cron} of "${job}"?`, 'The job and its executions stay.', 'Delete');
      await client.schedules.delete({ project, schedule: id });
    },
    'bine.downloadResults': async (node?: JobNode) => downloadResults(saving, await chosen('Download Results', node)),
    'bine.saveResultsBeside': async (node?: JobNode) => saveBeside(saving, await chosen('Save Results Beside the Program', node)),
  };
  return {
    ...commands,
    ...createChangeCommands(deps),
    // As the palette has them: they may have to ask.
    'bine.pickAndStop': commands['bine.stopExecution'],
    'bine.pickAndRerun': commands['bine.rerunExecution'],
    'bine.pickAndShowLog': commands['bine.showExecutionLog'],
    'bine.pickAndOpenNotebook': commands['bine.openExecutedNotebook'],
    'bine.pickAndShowHistory': commands['bine.showJobHistory'],
  };
}

function scheduleOf(node: JobNode): Schedule {
  if (node.kind !== 'schedule') throw new Problem('bad-request', 'Choose a schedule in the view "Jobs".');
  return node.schedule;
}

function pickExecution(title: string, jobs: Jobs, fits: (one: JobExecution) => boolean): Promise<JobExecution> {
  const all = (jobs.all ?? []).flatMap((job) => jobs.executionsOf(job)).filter(fits);
  const choices = all
    .sort((a, b) => b.submitted.localeCompare(a.submitted))
    .map((value) => {
      const { icon, label, description } = executionLook(value, Date.now());
      return { label: `$(${icon}) ${value.job} ${label}`, description, detail: value.project, value };
    });
  return pick<JobExecution>(choices, { title, placeHolder: choices.length > 0 ? 'Which execution?' : 'There is none' });
}

type Target = { project: string; choice: Choice };

/** Where a program runs and how, without a question where one was answered before. */
async function targetOf({ connection, projects, memory }: JobCommandDeps, program: Program): Promise<Target> {
  const project = await projectOf(program, projects, memory);
  const [jobs, named] = await Promise.all([connection.client.jobs.list({ project }), environmentIn(program)]);
  return { project, choice: defaultChoice({ path: program.path, jobs, remembered: memory.choiceOf(program.uri), named }) };
}

async function projectOf({ place }: Program, projects: Projects, memory: Memory): Promise<string> {
  if ('project' in place) return place.project;
  const usable = (await projects.list()).filter(({ role }) => role !== 'viewer');
  const known = memory.projectOf(place.root);
  if (known && usable.some(({ name }) => name === known)) return known;
  if (usable.length === 0)
    throw new Problem('not-found', 'You are in no project yet. Create one in the view "Projects", then run the job.');
  const choices = usable.map(({ name, description }) => ({ label: `$(root-folder) ${name}`, description, value: name }));
  const options = { title: 'Run as Job', placeHolder: 'In which project do the jobs of this folder run? Asked once' };
  const project = choices.length === 1 ? usable[0]!.name : await pick<string>(choices, options);
  await memory.rememberProject(place.root, project);
  return project;
}

type NotebookFile = { metadata?: { bine?: { environment?: string } } };

/** The environment that a notebook names. */
async function environmentIn({ uri, isNotebook }: Program): Promise<string | undefined> {
  if (!isNotebook) return undefined;
  const bytes = await vscode.workspace.fs.readFile(uri);
  try {
    return (JSON.parse(new TextDecoder().decode(bytes)) as NotebookFile).metadata?.bine?.environment;
  } catch {
    // What is wrong with the notebook is told by its execution.
    return undefined;
  }
}

async function configureAndRun(deps: JobCommandDeps, program: Program): Promise<void> {
  const { client } = deps.connection;
  const { project, choice } = await targetOf(deps, program);
  const environments = client.environments.list({ project });
  // Whoever waits for the others hears of it later.
  environments.catch(() => undefined);
  const [secrets, most] = await Promise.all([secretsFor(client, project), mostOf(client, project)]);
  let asked: Asked = { choice, when: null };
  for (;;) {
    asked = await askJob(program, asked, { environments, secrets, most });
    // What was answered is not asked for again, whatever becomes of it.
    await deps.memory.rememberChoice(program.uri, asked.choice);
    try {
      return await runAsked(deps, program, { project, ...asked });
    } catch (error) {
      const problem = toProblem(error);
      if (problem.code === 'cancelled') throw problem;
      const change = 'Change Answers';
      if ((await vscode.window.showErrorMessage(`Run ${program.name} as Job: ${problem.message}`, change)) !== change) throw cancelled();
    }
  }
}

async function runAsked(deps: JobCommandDeps, program: Program, { project, choice, when }: Asked & { project: string }): Promise<void> {
  const prepared = await prepare(deps, program, { project, choice });
  if (!when) return deps.started(await execute(deps, prepared));
  const { job, snapshot } = prepared;
  const schedule = await deps.connection.client.schedules.create({ project, job, ...when, ...(snapshot && { snapshot }) });
  await vscode.commands.executeCommand('bine.jobs.focus');
  tellNext(schedule);
}
