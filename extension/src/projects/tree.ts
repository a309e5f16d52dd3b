/** The view "Projects": projects, and their files when a folder is opened. */
import type { Project } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { noneIfSignedOut } from '../connection/signed-out.ts';
import { createShownFolders } from '../files/shown-folder.ts';
import { parentOf, scheme, uriPath } from '../files/uri.ts';
import type { ProjectChange, Watching } from '../files/watching.ts';
import { type Kernels, isRunning } from '../kernels/store.ts';
import { table } from '../vs/tooltip.ts';
import { limitFacts } from './limits.ts';
import {
  type FileNode,
  type Node,
  type ProjectNode,
  capabilitiesOf,
  keyOf,
  labelOf,
  placeOfNode,
  projectDescription,
  projectFacts,
} from './nodes.ts';
import { isOpenHere } from './open-project.ts';
import type { Projects } from './store.ts';

export type ProjectTree = vscode.TreeDataProvider<Node> &
  vscode.Disposable & {
    /** Reads a folder again; without one, everything. */
    refresh(node?: Node): void;
    /** The node of a file that the tree has shown, for revealing it. */
    nodeAt(uriPath: string): Node | undefined;
  };

export type TreeDeps = { connection: Connection; projects: Projects; kernels: Kernels; watching: Watching };

export function createProjectTree({ connection, projects, kernels, watching }: TreeDeps): ProjectTree {
  const shown = createShownFolders(connection);
  const changed = new vscode.EventEmitter<Node | undefined>();
  /** One object per thing, because VS Code refreshes and reveals by identity. */
  const nodes = new Map<string, Node>();

  function keep<T extends Node>(node: T): T {
    const known = nodes.get(keyOf(node));
    if (known?.kind === node.kind) return Object.assign<Node, T>(known, node);
    nodes.set(keyOf(node), node);
    return node;
  }

  async function getChildren(node?: Node): Promise<Node[]> {
    if (!node) return projectNodes(projects.all ?? (connection.state === 'signed-out' ? [] : await projects.list())).map(keep);
    const list = await shown(placeOfNode(node));
    return list.map((stat) => keep({ kind: stat.type === 'directory' ? 'folder' : 'file', project: node.project, stat }));
  }

  function refreshChanged({ project, changes }: ProjectChange): void {
    if (changes.some(({ type }) => type === 'reset')) return changed.fire(nodes.get(uriPath({ project, path: '' })));
    const folders = new Set(changes.filter(({ type }) => type !== 'changed').map(({ path }) => uriPath({ project, path: parentOf(path) })));
    for (const folder of folders) if (nodes.has(folder)) changed.fire(nodes.get(folder));
  }

  const everything = () => changed.fire(undefined);
  const disposables = vscode.Disposable.from(
    changed,
    projects.onDidChange(everything),
    watching.onDidChange(refreshChanged),
    connection.onDidChangeState((state) => state === 'connected' && everything()),
    followKernels(kernels, everything),
  );
  return {
    onDidChangeTreeData: changed.event,
    getChildren: (node) => noneIfSignedOut(() => getChildren(node)),
    getTreeItem: (node) => (node.kind === 'project' ? projectItem(node, kernels) : fileItem(node)),
    /** Limits and use are asked for when somebody looks. */
    async resolveTreeItem(item, node) {
      if (node.kind !== 'project') return item;
      const { project } = node;
      // Without an answer, the rest of the tooltip is still worth showing.
      const described = await connection.client.projects.limits({ project: project.name }).catch(() => null);
      item.tooltip = table(project.name, [...projectFacts(project), ...(described ? limitFacts(described) : [])]);
      return item;
    },
    getParent: (node) =>
      node.kind === 'project' ? undefined : nodes.get(uriPath({ ...placeOfNode(node), path: parentOf(node.stat.path) })),
    refresh: (node) => changed.fire(node),
    nodeAt: (path) => nodes.get(path),
    dispose: () => disposables.dispose(),
  };
}

/** Kernels change many times a second; what is shown of them here does not. */
function followKernels(kernels: Kernels, tell: () => void): vscode.Disposable {
  const count = () => JSON.stringify((kernels.all ?? []).filter(isRunning).map(({ project }) => project));
  let shown = count();
  return kernels.onDidChange(() => {
    if (shown === count()) return;
    shown = count();
    tell();
  });
}

function projectNodes(projects: readonly Project[]): ProjectNode[] {
  return [...projects].sort((a, b) => a.name.localeCompare(b.name)).map((project) => ({ kind: 'project', project }));
}

function projectItem(node: ProjectNode, kernels: Kernels): vscode.TreeItem {
  const { project } = node;
  const running = (kernels.all ?? []).filter((kernel) => kernel.project === project.name && isRunning(kernel)).length;
  const item = new vscode.TreeItem(project.name, vscode.TreeItemCollapsibleState.Collapsed);
  item.id = keyOf(node);
  item.iconPath = new vscode.ThemeIcon(isOpenHere(project.name) ? 'root-folder-opened' : 'root-folder');
  item.description = projectDescription(project, running);
  item.contextValue = capabilitiesOf(node);
  return item;
}

function fileItem(node: FileNode): vscode.TreeItem {
  const { Collapsed, None } = vscode.TreeItemCollapsibleState;
  const uri = vscode.Uri.from({ scheme, path: keyOf(node) });
  const item = new vscode.TreeItem(uri, node.kind === 'folder' ? Collapsed : None);
  item.id = keyOf(node);
  item.label = labelOf(node);
  item.iconPath = node.kind === 'folder' ? vscode.ThemeIcon.Folder : vscode.ThemeIcon.File;
  item.contextValue = capabilitiesOf(node);
  if (node.stat.type === 'symlink') item.description = 'broken link';
  else if (node.stat.link) item.description = 'link';
  if (node.stat.type === 'file') item.command = { command: 'vscode.open', title: 'Open', arguments: [uri] };
  return item;
}
