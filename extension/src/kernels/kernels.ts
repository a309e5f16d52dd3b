/** The room of the view "Kernels" and its commands. */
import type { Kernel } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { scheme, uriPath } from '../files/uri.ts';
import type { Projects } from '../projects/store.ts';
import { pick } from '../vs/ask.ts';
import { briefly } from '../vs/progress.ts';
import { kernelLabel, kernelLook } from './describe.ts';
import { type Kernels, createKernels, isRunning } from './store.ts';
import { type KernelTree, createKernelTree } from './tree.ts';

export type KernelCommand =
  | 'bine.refreshKernels'
  | 'bine.showEndedKernels'
  | 'bine.hideEndedKernels'
  | 'bine.interruptKernel'
  | 'bine.restartKernel'
  | 'bine.shutDownKernel'
  | 'bine.openKernelNotebook';

type KernelHandler = (kernel?: Kernel, selected?: Kernel[]) => Promise<void>;
export type KernelRoom = vscode.Disposable & { kernels: Kernels; tree: KernelTree; commands: Record<KernelCommand, KernelHandler> };

/** While the view is seen, what it says of memory, CPU and time is at most this old, in milliseconds. */
const freshness = 10_000;

export function createKernelRoom(connection: Connection, projects: Projects, memory: vscode.Memento): KernelRoom {
  const kernels = createKernels(connection, projects, memory);
  const tree = createKernelTree(kernels);
  const view = vscode.window.createTreeView('bine.kernels', { treeDataProvider: tree, canSelectMany: true });
  const { client } = connection;

  const ended = async (show: boolean) => {
    tree.showEnded = show;
    await vscode.commands.executeCommand('setContext', 'bine.endedKernels', show);
  };
  const timer = setInterval(() => {
    if (view.visible && connection.state === 'connected') void kernels.refresh().catch(() => undefined);
  }, freshness);

  /** Acts on the kernels that the user means: those selected together, the one clicked, the one selected, or one picked. */
  const onEach =
    (title: string, can: (kernel: Kernel) => boolean, act: (kernel: Kernel) => Promise<unknown>): KernelHandler =>
    async (kernel, selected) => {
      const meant = selected?.length ? selected : kernel ? [kernel] : view.selection;
      const chosen = meant.length > 0 ? meant : [await pickKernel(title, (kernels.all ?? []).filter(can))];
      await briefly(`${title}…`, () => Promise.all(chosen.filter(can).map(act)));
    };
  const at = ({ project, id }: Kernel) => ({ project, kernel: id });

  const disposables = vscode.Disposable.from(kernels, tree, view, new vscode.Disposable(() => clearInterval(timer)));
  return {
    kernels,
    tree,
    commands: {
      'bine.refreshKernels': () => kernels.refresh(),
      'bine.showEndedKernels': () => ended(true),
      'bine.hideEndedKernels': () => ended(false),
      'bine.interruptKernel': onEach('Interrupt Kernel', isRunning, (kernel) => client.kernels.interrupt(at(kernel))),
      'bine.restartKernel': onEach(
        'Restart Kernel',
        () => true,
        (kernel) => client.kernels.restart(at(kernel)),
      ),
      'bine.shutDownKernel': onEach('Shut Down Kernel', isRunning, (kernel) => client.kernels.shutdown(at(kernel))),
      'bine.openKernelNotebook': onEach('Open Notebook', ({ notebook }) => notebook !== null, openNotebook),
    },
    dispose: () => disposables.dispose(),
  };
}

function pickKernel(title: string, from: readonly Kernel[]): Promise<Kernel> {
  const choices = from.map((kernel) => {
    const { description, icon } = kernelLook(kernel, Date.now());
    return {
      label: `$(${icon}) ${kernelLabel(kernel)}`,
      description: `${kernel.environment} · ${description}`,
      detail: kernel.project,
      value: kernel,
    };
  });
  return pick<Kernel>(choices, { title, placeHolder: choices.length > 0 ? 'Which kernel?' : 'No kernel runs' });
}

async function openNotebook({ project, notebook }: Kernel): Promise<void> {
  const uri = vscode.Uri.from({ scheme, path: uriPath({ project, path: notebook ?? '' }) });
  await vscode.commands.executeCommand('vscode.open', uri);
}
