/** The room of the view "Projects" and its commands. */
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import type { Watching } from '../files/watching.ts';
import type { Kernels } from '../kernels/store.ts';
import type { Handler } from '../vs/commands.ts';
import { emptyBin, openBin } from './bin.ts';
import { configureLimits } from './configure-limits.ts';
import { createApiKey } from './create-api-key.ts';
import { createProject } from './create-project.ts';
import { deleteProject } from './delete-project.ts';
import { createDragAndDrop } from './drag-and-drop.ts';
import { editProject } from './edit-project.ts';
import { copyPath, deleteFiles, newFile, newFolder, renameFile } from './file-commands.ts';
import { manageMembers } from './members.ts';
import type { Node } from './nodes.ts';
import { addToWorkspace, openProject } from './open-project.ts';
import type { Projects } from './store.ts';
import { type Argument, createTargets } from './target.ts';
import { downloadFiles, uploadFiles, uploadOpenFile } from './transfer-commands.ts';
import { type KernelSecrets, chooseKernelSecrets } from '../secrets/kernel-secrets.ts';
import { manageSecrets } from '../secrets/manage.ts';
import { type ProjectTree, createProjectTree } from './tree.ts';

export type ProjectDeps = {
  connection: Connection;
  projects: Projects;
  kernels: Kernels;
  kernelSecrets: KernelSecrets;
  tree: ProjectTree;
  /** Shows a project in the view. */
  reveal(project: string): Promise<void>;
};

export type ProjectRoomDeps = {
  connection: Connection;
  projects: Projects;
  kernels: Kernels;
  kernelSecrets: KernelSecrets;
  watching: Watching;
  log: vscode.LogOutputChannel;
};

export function createProjectRoom(room: ProjectRoomDeps) {
  const tree = createProjectTree(room);
  const deps: ProjectDeps = {
    ...room,
    tree,
    async reveal(project) {
      const node = tree.nodeAt(`/${project}`) ?? (await tree.getChildren())?.find((child) => child.project.name === project);
      if (node) await view.reveal(node, { select: true, expand: true });
    },
  };
  const dragAndDrop = createDragAndDrop(() => deps, room.log);
  const view = vscode.window.createTreeView('bine.projects', {
    treeDataProvider: tree,
    canSelectMany: true,
    showCollapseAll: true,
    dragAndDropController: dragAndDrop,
  });
  const disposables = vscode.Disposable.from(tree, view, watchExpanded(view, room.watching));
  return { tree, dragAndDrop, commands: commandsOf(deps, view), dispose: () => disposables.dispose() };
}

/** Projects whose files are shown are watched; the others cost nothing. */
function watchExpanded(view: vscode.TreeView<Node>, watching: Watching): vscode.Disposable {
  const watchers = new Map<string, vscode.Disposable>();
  const stop = (project: string) => {
    watchers.get(project)?.dispose();
    watchers.delete(project);
  };
  return vscode.Disposable.from(
    view.onDidExpandElement(({ element: { project } }) => {
      if (!watchers.has(project.name)) watchers.set(project.name, watching.watch(project.name));
    }),
    view.onDidCollapseElement(({ element }) => element.kind === 'project' && stop(element.project.name)),
    new vscode.Disposable(() => [...watchers.keys()].forEach(stop)),
  );
}

function commandsOf(deps: ProjectDeps, view: vscode.TreeView<Node>) {
  const targets = createTargets(deps.projects, view);
  const onOne = (title: string, act: (project: { name: string }) => unknown) => async (node?: Node) =>
    act(await targets.project(title, node));
  const owned = (title: string, act: (deps: ProjectDeps, project: Node['project']) => unknown) => async (node?: Node) =>
    act(deps, await targets.project(title, node, ({ role }) => role === 'owner'));
  const working = (title: string, act: (project: string) => unknown) => async (node?: Node) =>
    act((await targets.project(title, node, ({ role }) => role !== 'viewer')).name);
  const inFolder = (title: string, act: typeof newFile) => async (one?: Argument) => act(deps, await targets.folder(title, one));
  return {
    'bine.createProject': () => createProject(deps),
    'bine.openProject': onOne('Open Project', (project) => openProject(project, false)),
    'bine.openProjectInNewWindow': onOne('Open Project in New Window', (project) => openProject(project, true)),
    'bine.addProjectToWorkspace': onOne('Add Project to Workspace', addToWorkspace),
    'bine.editProject': owned('Edit Project', editProject),
    'bine.configureLimits': owned('Configure Limits', configureLimits),
    'bine.deleteProject': owned('Delete Project', deleteProject),
    'bine.manageMembers': owned('Manage Members', manageMembers),
    'bine.manageSecrets': working('Secrets', (project) => manageSecrets(deps.connection, project)),
    'bine.chooseKernelSecrets': working('Secrets for Kernels', (project) =>
      chooseKernelSecrets(deps.connection, deps.kernelSecrets, project),
    ),
    'bine.openBin': () => openBin(deps),
    'bine.emptyBin': () => emptyBin(deps),
    'bine.refreshProjects': async () => {
      await deps.projects.refresh();
      deps.tree.refresh();
    },
    'bine.createApiKey': () => createApiKey(deps),
    'bine.newFile': inFolder('New File', newFile),
    'bine.newFolder': inFolder('New Folder', newFolder),
    'bine.renameFile': async (node = view.selection[0]) => node && node.kind !== 'project' && renameFile(deps, node),
    'bine.deleteFile': (one?: Argument, several?: Argument[]) => deleteFiles(deps, targets.places(one, several)),
    'bine.uploadFiles': inFolder('Upload', uploadFiles),
    'bine.uploadOpenFile': async (uri?: vscode.Uri) => uploadOpenFile(deps, uri, await targets.inProject('Upload into a Project')),
    'bine.downloadFiles': (one?: Argument, several?: Argument[]) => downloadFiles(deps, targets.places(one, several)),
    'bine.copyPath': (one?: Argument, several?: Argument[]) => copyPath(targets.places(one, several)),
  } satisfies Record<string, Handler>;
}
