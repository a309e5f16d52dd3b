/** The kernel of the notebook that is looked at, at the right of the status bar: its environment, and its memory. */
import type { Kernel } from '@bine/shared';
import * as vscode from 'vscode';
import { kernelFacts, stateLooks } from '../kernels/describe.ts';
import { isRunning } from '../kernels/store.ts';
import { table } from '../vs/tooltip.ts';
import { bytes } from '../vs/units.ts';
import type { Controllers } from './controllers.ts';
import type { Session } from './session.ts';

export type KernelStatus = vscode.Disposable & { update(): void };

/** Share of the memory from which on the user should know. */
const tight = 0.9;

export function createKernelStatus(active: () => Session | undefined, controllers: Controllers): KernelStatus {
  const item = vscode.window.createStatusBarItem('bine.notebookKernel', vscode.StatusBarAlignment.Right, 100);
  item.name = 'Bine Notebook Kernel';
  item.command = 'bine.showNotebookKernel';

  function update(): void {
    const session = active();
    const environment = session && (controllers.of(session.notebook)?.environment ?? session.kernel?.environment);
    if (!session || !environment) return item.hide();
    const title = controllers.environments.find(({ name }) => name === environment)?.title ?? environment;
    const kernel = session.kernel?.environment === environment ? session.kernel : null;
    const full = kernel?.memoryUsed && kernel.memoryUsed > tight * kernel.memory * 2 ** 20;
    item.text = textOf(title, kernel);
    item.tooltip = kernel ? table(title, kernelFacts(kernel)) : `${title}: no kernel runs yet. The first cell starts one.`;
    item.backgroundColor = full || kernel?.state === 'dead' ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    item.accessibilityInformation = { label: `Kernel of the notebook: ${item.text.replaceAll(/\$\([^)]*\)/g, '')}`, role: 'button' };
    item.show();
  }
  update();
  return { update, dispose: () => item.dispose() };
}

function textOf(title: string, kernel: Kernel | null): string {
  if (!kernel || kernel.state === 'stopped') return `$(vm-outline) ${title}`;
  const { icon, word } = stateLooks[kernel.state];
  if (!isRunning(kernel)) return `$(${icon}) ${title}: ${word}`;
  if (kernel.memoryUsed === null || !['idle', 'busy'].includes(kernel.state)) return `$(sync~spin) ${title}: ${word}…`;
  return `$(vm-active) ${title}  ${bytes(kernel.memoryUsed)}`;
}
