/** The view "Environments": projects where there are several, their environments, and what is in each. */
import type { Change, Project } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { noneIfSignedOut } from '../connection/signed-out.ts';
import { type Kernels, isRunning } from '../kernels/store.ts';
import { isOpenHere } from '../projects/open-project.ts';
import type { Projects } from '../projects/store.ts';
import { type EnvironmentNode, type GroupNode, type Node, isOpen, keyOf, sortPackages } from './nodes.ts';
import type { Environments } from './store.ts';
import { itemOf } from './tree-items.ts';

export type EnvironmentTree = vscode.TreeDataProvider<Node> & vscode.Disposable & { refresh(): void };

export type EnvironmentTreeDeps = { connection: Connection; projects: Projects; kernels: Kernels; environments: Environments };

export function createEnvironmentTree({ connection, projects, kernels, environments }: EnvironmentTreeDeps): EnvironmentTree {
  const changed = new vscode.EventEmitter<Node | undefined>();
  /** One object per thing, because VS Code refreshes and reveals by identity. */
  const nodes = new Map<string, Node>();
  const underWay = new Map<string, Change>();

  function keep<T extends Node>(node: T): T {
    const known = nodes.get(keyOf(node));
    if (known) return Object.assign<Node, T>(known, node);
    nodes.set(keyOf(node), node);
    return node;
  }

  async function roots(): Promise<Node[]> {
    const all = projects.all ?? (connection.state === 'signed-out' ? [] : await projects.list());
    const sorted = [...all].sort((a, b) => Number(isOpenHere(b.name)) - Number(isOpenHere(a.name)) || a.name.localeCompare(b.name));
    if (sorted.length === 1) return ofProject(sorted[0]!);
    return sorted.map((project) => keep({ kind: 'project', project }));
  }

  async function ofProject(project: Project): Promise<EnvironmentNode[]> {
    const list = environments.of(project.name) ?? [];
    const known = list.length > 0 ? list : await environments.list(project.name);
    return known.map((environment) => keep({ kind: 'environment', project, environment }));
  }

  async function ofGroup({ kind, of }: GroupNode): Promise<Node[]> {
    const at = { project: of.project.name, environment: of.environment.name };
    const { client } = connection;
    if (kind === 'packages')
      return sortPackages(await client.environments.packages(at)).map((each) => keep({ kind: 'package', of, package: each }));
    if (kind === 'revisions') return (await client.environments.revisions(at)).map((revision) => keep({ kind: 'revision', of, revision }));
    return (await client.environments.users(at)).map((user) => keep({ kind: 'user', of, user }));
  }

  function getChildren(node?: Node): Promise<Node[]> | Node[] {
    if (!node) return roots();
    if (node.kind === 'project') return ofProject(node.project);
    if (node.kind === 'environment') return groupsOf(node).map(keep);
    return node.kind === 'packages' || node.kind === 'revisions' || node.kind === 'users' ? ofGroup(node) : [];
  }

  const everything = () => changed.fire(undefined);
  const disposables = vscode.Disposable.from(
    changed,
    environments.onDidChange(everything),
    projects.onDidChange(everything),
    connection.onDidChangeState((state) => state === 'connected' && everything()),
    connection.events.on('environment.change', ({ project, data }) => {
      const key = `${project}/${data.environment}`;
      if (isOpen(data)) underWay.set(key, data);
      else underWay.delete(key);
      changed.fire(nodes.get(key));
    }),
    followUse(kernels, (key) => nodes.has(key) && changed.fire(nodes.get(key))),
  );
  return {
    onDidChangeTreeData: changed.event,
    getChildren: (node) => noneIfSignedOut(() => getChildren(node)),
    getTreeItem: (node) => itemOf(node, underWay.get(keyOf(node))),
    getParent: (node) => {
      if (node.kind === 'project') return undefined;
      return node.kind === 'environment' ? nodes.get(node.project.name) : nodes.get(parentKey(node));
    },
    refresh: everything,
    dispose: () => disposables.dispose(),
  };
}

function groupsOf(of: EnvironmentNode): GroupNode[] {
  const { bundled, state } = of.environment;
  return [
    // What is in an environment that was never built is not known yet.
    ...(bundled && state !== 'ready' ? [] : [{ kind: 'packages' as const, of }]),
    ...(bundled ? [] : [{ kind: 'revisions' as const, of }]),
    { kind: 'users', of },
  ];
}

function parentKey(node: Exclude<Node, EnvironmentNode | { kind: 'project' }>): string {
  const key = keyOf(node);
  const depth = node.kind === 'user' ? 2 : 1;
  return key.split('/').slice(0, -depth).join('/');
}

/** Kernels change many times a second; which of them use an environment does not. */
function followUse(kernels: Kernels, tell: (key: string) => void): vscode.Disposable {
  const read = () => {
    const using = new Map<string, string>();
    for (const { id, project, environment, revision, notebook } of (kernels.all ?? []).filter(isRunning)) {
      const key = `${project}/${environment}/users`;
      using.set(key, `${using.get(key) ?? ''} ${id} ${revision} ${notebook}`);
    }
    return using;
  };
  let shown = read();
  return kernels.onDidChange(() => {
    const now = read();
    for (const key of new Set([...shown.keys(), ...now.keys()])) if (shown.get(key) !== now.get(key)) tell(key);
    shown = now;
  });
}
