/** The view "Kernels": what runs, where, and what it uses. */
import type { Kernel } from '@bine/shared';
import * as vscode from 'vscode';
import { table } from '../vs/tooltip.ts';
import { hasJustDied, kernelFacts, kernelFolder, kernelLook } from './describe.ts';
import { type Kernels, isRunning } from './store.ts';

export type KernelTree = vscode.TreeDataProvider<Kernel> & vscode.Disposable & { showEnded: boolean };

export function createKernelTree(kernels: Kernels): KernelTree {
  const changed = new vscode.EventEmitter<void>();
  const subscription = kernels.onDidChange(() => changed.fire());
  let showEnded = false;
  function shown(): Kernel[] {
    const all = kernels.all ?? kernels.remembered;
    return all.filter((kernel) => showEnded || isRunning(kernel) || hasJustDied(kernel, all, Date.now()));
  }
  return {
    onDidChangeTreeData: changed.event,
    get showEnded() {
      return showEnded;
    },
    set showEnded(show) {
      showEnded = show;
      changed.fire();
    },
    getChildren: (parent) => (parent ? [] : shown()),
    getTreeItem: (kernel) => itemOf(kernel, shown()),
    getParent: () => undefined,
    dispose() {
      subscription.dispose();
      changed.dispose();
    },
  };
}

function itemOf(kernel: Kernel, all: readonly Kernel[]): vscode.TreeItem {
  const { label, description, icon, color } = kernelLook(kernel, Date.now());
  const twin = all.some((other) => other.id !== kernel.id && kernelLook(other, 0).label === label);
  const place = twin ? [kernel.project, kernelFolder(kernel)].filter(Boolean).join('/') : '';
  const item = new vscode.TreeItem(label);
  item.id = kernel.id;
  // What matters now comes first: a narrow side bar cuts off the rest.
  item.description = [place, description, kernel.notebook && kernel.environment].filter(Boolean).join(' · ');
  item.iconPath = new vscode.ThemeIcon(icon, color ? new vscode.ThemeColor(color) : undefined);
  item.tooltip = table(label, kernelFacts(kernel));
  item.contextValue = `kernel;${capabilities(kernel).join('')}`;
  item.accessibilityInformation = { label: `${label}, ${kernel.environment}, ${description}` };
  if (kernel.notebook) item.command = { command: 'bine.openKernelNotebook', title: 'Open Notebook', arguments: [kernel] };
  return item;
}

function capabilities({ state, notebook }: Kernel): string[] {
  const running = isRunning({ state });
  return [
    ...(running ? ['stop;'] : []),
    ...(state === 'busy' ? ['interrupt;'] : []),
    ...(state === 'idle' || state === 'busy' || !running ? ['restart;'] : []),
    ...(notebook ? ['notebook;'] : []),
  ];
}
