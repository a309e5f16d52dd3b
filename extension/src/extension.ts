/** Composes the extension: every room is made here, and handed what it needs and no more. */
import * as vscode from 'vscode';
import type { CommandId } from './commands.ts';
import type { Connection } from './connection/client.ts';
import { createConnectionRoom } from './connection/connection-room.ts';
import { createEnvironmentRoom } from './environments/environments.ts';
import { createEnvironments } from './environments/store.ts';
import type { EnvironmentTree } from './environments/tree.ts';
import { createFilesRoom } from './files/files.ts';
import { createWatching } from './files/watching.ts';
import { createGetStarted } from './get-started.ts';
import { createGitRoom } from './git/git.ts';
import type { Repositories } from './git/repositories.ts';
import { createJobRoom } from './jobs/jobs.ts';
import type { JobTree } from './jobs/tree.ts';
import { createKernelRoom } from './kernels/kernels.ts';
import type { KernelTree } from './kernels/tree.ts';
import { type Notebooks, createNotebooks } from './notebooks/notebooks.ts';
import type { Node } from './projects/nodes.ts';
import { createProjectRoom } from './projects/projects.ts';
import { createProjects } from './projects/store.ts';
import type { ProjectTree } from './projects/tree.ts';
import { createKernelSecrets } from './secrets/kernel-secrets.ts';
import { type Handler, registerCommands } from './vs/commands.ts';

/** What other extensions may use. */
export type BineApi = {
  connection: Connection;
  projects: ProjectTree;
  environments: EnvironmentTree;
  jobs: JobTree;
  kernels: KernelTree;
  repositories: Repositories;
  notebooks: Notebooks;
  dragAndDrop: vscode.TreeDragAndDropController<Node>;
};

/** Returns before anything is connected: views show what they last knew, and fill up by themselves. */
export function activate(context: vscode.ExtensionContext): BineApi {
  const log = vscode.window.createOutputChannel('Bine', { log: true });
  const connectionRoom = createConnectionRoom(context, log);
  const { connection } = connectionRoom;
  const projects = createProjects(connection, context.globalState);
  const watching = createWatching(connection, log);
  const kernelRoom = createKernelRoom(connection, projects, context.globalState);
  const { kernels } = kernelRoom;
  const environments = createEnvironments(connection, context.globalState);
  const kernelSecrets = createKernelSecrets(context.globalState);
  const notebooks = createNotebooks({ connection, kernels, environments, context, log, secretsOf: kernelSecrets.of });
  const environmentRoom = createEnvironmentRoom({ connection, projects, kernels, environments, notebooks });
  const jobRoom = createJobRoom({ connection, projects, context });
  const gitRoom = createGitRoom({ connection, projects, watching, memory: context.globalState, log });
  const filesRoom = createFilesRoom({ connection, projects, watching, memory: context.globalState });
  const projectRoom = createProjectRoom({ connection, projects, watching, log, kernels, kernelSecrets });

  const getStarted = createGetStarted({ connection, kernels });

  const handlers: Record<CommandId, Handler> = {
    ...connectionRoom.commands,
    ...projectRoom.commands,
    ...filesRoom.commands,
    ...gitRoom.commands,
    ...environmentRoom.commands,
    ...jobRoom.commands,
    ...kernelRoom.commands,
    ...notebooks.commands,
    'bine.showLog': () => log.show(),
    'bine.getStarted': () => getStarted.show(),
  };

  context.subscriptions.push(
    log,
    connectionRoom,
    projects,
    watching,
    jobRoom,
    kernelRoom,
    environments,
    notebooks,
    environmentRoom,
    gitRoom,
    projectRoom,
    registerCommands(handlers, log),
    filesRoom,
    getStarted,
  );
  void getStarted.greet(context.globalState);
  return {
    connection,
    projects: projectRoom.tree,
    environments: environmentRoom.tree,
    jobs: jobRoom.tree,
    kernels: kernelRoom.tree,
    repositories: gitRoom.repositories,
    notebooks,
    dragAndDrop: projectRoom.dragAndDrop,
  };
}
