/** The view "Jobs": jobs, under each its schedules and executions, under each of these the files that it left. */
import type { Job, JobExecution, Result, Schedule } from '@bine/shared';
import * as vscode from 'vscode';
import type { ContractClient } from '../connection/client.ts';
import { noneIfSignedOut } from '../connection/signed-out.ts';
import { baseName } from '../files/uri.ts';
import { table } from '../vs/tooltip.ts';
import { bytes } from '../vs/units.ts';
import { type Look, describe, executionFacts, executionLook, isOver, jobLook, scheduleLook } from './describe.ts';
import { resultUri } from './results.ts';
import type { Jobs } from './store.ts';

export type JobNode =
  | { kind: 'job'; job: Job }
  | { kind: 'schedule'; schedule: Schedule }
  | { kind: 'execution'; execution: JobExecution }
  | { kind: 'result'; execution: JobExecution; result: Result }
  | { kind: 'more'; execution: JobExecution; count: number }
  | { kind: 'none'; execution: JobExecution };

export type JobTree = vscode.TreeDataProvider<JobNode> & vscode.Disposable & { redraw(): void };

export function createJobTree(jobs: Jobs, client: ContractClient): JobTree {
  const changed = new vscode.EventEmitter<void>();
  const subscription = jobs.onDidChange(() => changed.fire());

  async function below(job: Job): Promise<JobNode[]> {
    await jobs.load(job);
    return [
      ...jobs.schedulesOf(job).map((schedule): JobNode => ({ kind: 'schedule', schedule })),
      ...jobs.executionsOf(job).map((execution): JobNode => ({ kind: 'execution', execution })),
    ];
  }

  async function resultsOf(execution: JobExecution): Promise<JobNode[]> {
    const { results, total } = await client.executions.results({ project: execution.project, execution: execution.id });
    if (results.length === 0) return [{ kind: 'none', execution }];
    const listed = results.map((result): JobNode => ({ kind: 'result', execution, result }));
    return total > results.length ? [...listed, { kind: 'more', execution, count: total - results.length }] : listed;
  }

  return {
    onDidChangeTreeData: changed.event,
    redraw: () => changed.fire(),
    getChildren(node) {
      if (!node) return (jobs.all ?? []).map((job) => ({ kind: 'job', job }));
      if (node.kind === 'job') return below(node.job);
      return node.kind === 'execution' ? noneIfSignedOut(() => resultsOf(node.execution)) : [];
    },
    getTreeItem: (node) => itemOf(node, jobs),
    getParent: () => undefined,
    dispose() {
      subscription.dispose();
      changed.dispose();
    },
  };
}

const { None, Collapsed } = vscode.TreeItemCollapsibleState;

function itemOf(node: JobNode, jobs: Jobs): vscode.TreeItem {
  if (node.kind === 'job') return jobItem(node.job, jobs);
  if (node.kind === 'schedule') return scheduleItem(node.schedule);
  if (node.kind === 'more') return moreItem(node);
  if (node.kind === 'none') return noneItem(node);
  return node.kind === 'execution' ? executionItem(node.execution) : resultItem(node.execution, node.result);
}

/** The rest is in the command line and in the API. */
function moreItem({ execution, count }: { execution: JobExecution; count: number }): vscode.TreeItem {
  const item = drawn({ label: `${count} more files`, description: '', told: '', icon: 'ellipsis', color: undefined }, None);
  item.id = `more:${execution.id}`;
  item.tooltip = `bine job show ${execution.job}/${execution.number} -p ${execution.project}`;
  return item;
}

function noneItem({ execution }: { execution: JobExecution }): vscode.TreeItem {
  const description = execution.inputs.snapshot ? 'files it writes to its folder or $BINE_RESULTS' : 'files it writes to $BINE_RESULTS';
  const item = drawn({ label: 'No results', description, told: description, icon: 'circle-outline', color: undefined }, None);
  item.id = `none:${execution.id}`;
  return item;
}

function jobItem(job: Job, jobs: Jobs): vscode.TreeItem {
  const last = jobs.executionsOf(job)[0] ?? null;
  const look = jobLook(job.name, last, Date.now());
  const opens = last !== null || jobs.schedulesOf(job).length > 0;
  const several = new Set(jobs.all?.map(({ project }) => project)).size > 1;
  const item = drawn({ ...look, description: [look.description, ...(several ? [job.project] : [])].join(' · ') }, opens ? Collapsed : None);
  // What opens nothing yet has another id, because VS Code keeps what it knows of an item.
  item.id = `job:${job.project}/${job.name}${opens ? '' : ':new'}`;
  item.tooltip = table(job.name, [
    ...(last ? [['Last', `#${last.number} ${describe(last, Date.now())}`] as [string, string]] : []),
    ['Program', job.path],
    ['Project', job.project],
    ['Environment', job.environment],
    ['Executions kept', String(job.keep)],
    ['Changed by', job.user],
  ]);
  item.contextValue = `job;run;${jobs.schedulesOf(job).length > 0 ? 'scheduled;' : ''}${last ? capabilities(last) : ''}`;
  return item;
}

function executionItem(execution: JobExecution): vscode.TreeItem {
  const look = executionLook(execution, Date.now());
  const item = drawn(look, isOver(execution) ? Collapsed : None);
  // A running execution cannot be opened and an ended one can: another id, because VS Code keeps what it knows of an item.
  item.id = `execution:${execution.id}${isOver(execution) ? ':over' : ''}`;
  item.tooltip = table(`${execution.job} ${look.label}`, executionFacts(execution));
  item.contextValue = `execution;${capabilities(execution)}`;
  item.command = { command: 'bine.showExecutionLog', title: 'Show Log', arguments: [{ kind: 'execution', execution }] };
  return item;
}

function scheduleItem(schedule: Schedule): vscode.TreeItem {
  const look = scheduleLook(schedule);
  const item = drawn(look, None);
  item.id = `schedule:${schedule.id}`;
  item.tooltip = table(look.label, [
    ['Cron', schedule.cron],
    ['Time zone', schedule.timezone],
    ...schedule.next.map((time, at): [string, string] => [at === 0 ? 'Next' : '', new Date(time).toLocaleString()]),
    ['When missed', { none: 'left out', last: 'the last one is made up for', all: 'all are made up for' }[schedule.missed]],
    ['Files', schedule.snapshot ? `snapshot ${schedule.snapshot.slice(0, 12)}` : 'the project as it is then'],
    ['Runs as', schedule.user],
    ...(schedule.skipped > 0 ? [['Left out', `${schedule.skipped} times; last: ${schedule.skipCause ?? ''}`] as [string, string]] : []),
  ]);
  item.contextValue = `schedule;${schedule.paused ? 'resume' : 'pause'};`;
  return item;
}

function resultItem(execution: JobExecution, { path, size, modified }: Result): vscode.TreeItem {
  const uri = resultUri(execution, path);
  const item = new vscode.TreeItem(uri, None);
  item.id = `result:${execution.id}:${path}`;
  item.label = baseName(path);
  item.description = [bytes(size), ...(path.includes('/') ? [path.slice(0, path.lastIndexOf('/'))] : [])].join(' · ');
  item.tooltip = table(path, [
    ['Size', bytes(size)],
    ['Written', new Date(modified).toLocaleString()],
  ]);
  item.contextValue = `result;${execution.inputs.snapshot ? 'beside;' : ''}`;
  item.command = { command: 'vscode.open', title: 'Open', arguments: [uri] };
  return item;
}

function drawn({ label, description, told, icon, color }: Look, state: vscode.TreeItemCollapsibleState): vscode.TreeItem {
  const item = new vscode.TreeItem(label, state);
  item.description = description;
  item.iconPath = new vscode.ThemeIcon(icon, color ? new vscode.ThemeColor(color) : undefined);
  item.accessibilityInformation = { label: `${label}, ${told}` };
  return item;
}

/** Menus test for these. */
function capabilities(execution: JobExecution): string {
  const beside = execution.inputs.snapshot ? 'beside;' : '';
  return [...(isOver(execution) ? ['rerun;', 'results;', beside] : ['stop;']), 'log;', ...(execution.executed ? ['notebook;'] : [])].join(
    '',
  );
}
