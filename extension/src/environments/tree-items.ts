/** The rows of the view "Environments". */
import type { Change } from '@bine/shared';
import * as vscode from 'vscode';
import { isOpenHere } from '../projects/open-project.ts';
import { table } from '../vs/tooltip.ts';
import {
  type Facts,
  type Look,
  type Node,
  capabilitiesOf,
  environmentFacts,
  environmentLook,
  groupLooks,
  keyOf,
  packageFacts,
  packageLook,
  revisionFacts,
  revisionLook,
  userLook,
} from './nodes.ts';

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;

/** `change`: what is being done to the environment. */
export function itemOf(node: Node, change?: Change): vscode.TreeItem {
  const look = lookOf(node, change);
  const item = new vscode.TreeItem(look.label, collapsible(node));
  item.id = keyOf(node);
  item.description = look.description;
  item.iconPath = new vscode.ThemeIcon(look.icon, look.color ? new vscode.ThemeColor(look.color) : undefined);
  item.contextValue = capabilitiesOf(node);
  const facts = factsOf(node);
  if (facts) item.tooltip = table(look.label, facts);
  item.accessibilityInformation = { label: [look.label, look.description].filter(Boolean).join(', ') };
  if (node.kind === 'user' && node.user.type === 'kernel' && node.user.title.endsWith('.ipynb')) {
    item.command = { command: 'bine.openKernelNotebook', title: 'Open Notebook', arguments: [kernelOf(node)] };
  }
  return item;
}

function lookOf(node: Node, change?: Change): Look {
  const { revision } = node.kind === 'project' ? { revision: null } : (node.kind === 'environment' ? node : node.of).environment;
  if (node.kind === 'project')
    return { label: node.project.name, description: '', icon: isOpenHere(node.project.name) ? 'root-folder-opened' : 'root-folder' };
  if (node.kind === 'environment') return environmentLook(node.environment, change);
  if (node.kind === 'package') return packageLook(node.package);
  if (node.kind === 'revision') return revisionLook(node.revision, revision, Date.now());
  if (node.kind === 'user') return userLook(node.user, revision);
  return { ...groupLooks[node.kind], description: '' };
}

function factsOf(node: Node): Facts | null {
  if (node.kind === 'environment') return environmentFacts(node.environment);
  if (node.kind === 'package') return packageFacts(node.package);
  return node.kind === 'revision' ? revisionFacts(node.revision) : null;
}

function collapsible(node: Node): vscode.TreeItemCollapsibleState {
  if (node.kind === 'package' || node.kind === 'revision' || node.kind === 'user') return None;
  return node.kind === 'project' && isOpenHere(node.project.name) ? Expanded : Collapsed;
}

/** Its title is the path of its notebook. */
function kernelOf({ of, user }: Extract<Node, { kind: 'user' }>) {
  return { id: user.id, project: of.project.name, notebook: user.title };
}
