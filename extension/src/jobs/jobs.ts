/** The room of jobs: "Run as Job", the view "Jobs", logs, results and history. */
import type { JobExecution } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import type { Projects } from '../projects/store.ts';
import { createAttention } from './attention.ts';
import { createMemory } from './choices.ts';
import { createHistory } from './history.ts';
import { type JobCommand, createJobCommands } from './job-commands.ts';
import { createLogLinks } from './log-links.ts';
import { createLogTerminals } from './log-terminal.ts';
import { createResultFiles } from './results.ts';
import { type Jobs, createJobs } from './store.ts';
import { type JobTree, createJobTree } from './tree.ts';

export type JobsDeps = {
  connection: Connection;
  projects: Projects;
  context: Pick<vscode.ExtensionContext, 'globalState' | 'workspaceState'>;
};

export type JobRoom = vscode.Disposable & { jobs: Jobs; tree: JobTree; commands: Record<JobCommand, (...args: never[]) => unknown> };

/** While the view is seen, what it says of time is at most this old, in milliseconds. */
const freshness = 10_000;

export function createJobRoom({ connection, projects, context }: JobsDeps): JobRoom {
  const jobs = createJobs(connection, projects);
  const tree = createJobTree(jobs, connection.client);
  const view = vscode.window.createTreeView('bine.jobs', { treeDataProvider: tree, canSelectMany: false });
  const logs = createLogTerminals(connection);
  const history = createHistory(connection, jobs);
  const memory = createMemory(context.globalState);
  const attention = createAttention({ connection, jobs, view, memory: context.workspaceState, isLogShown: logs.isShown });
  const originOf = (snapshot: string) => {
    const origin = memory.originOf(snapshot);
    return origin === undefined ? undefined : vscode.Uri.parse(origin, true);
  };

  function started(execution: JobExecution): void {
    attention.follow(execution);
    logs.show(execution);
  }
  const timer = setInterval(() => view.visible && tree.redraw(), freshness);

  const disposables = vscode.Disposable.from(
    jobs,
    tree,
    view,
    logs,
    history,
    attention,
    createResultFiles(connection),
    createLogLinks(logs, originOf),
    new vscode.Disposable(() => clearInterval(timer)),
  );
  return {
    jobs,
    tree,
    commands: createJobCommands({
      connection,
      projects,
      jobs,
      view,
      memory,
      originOf,
      started,
      showLog: logs.show,
      showHistory: history.show,
    }),
    dispose: () => disposables.dispose(),
  };
}
