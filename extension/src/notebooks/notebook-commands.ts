/** The commands of a notebook and its kernel: from the toolbar, a key, the palette or the status bar. */
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { isRunning } from '../kernels/store.ts';
import { type Choice, cancelled, pick } from '../vs/ask.ts';
import type { CellStatus } from './cell-status.ts';
import { cellId } from './cells.ts';
import { type Controllers, descriptions, notebookType } from './controllers.ts';
import { type KernelLimits, askLimits } from './kernel-limits.ts';
import { newNotebook } from './new-notebook.ts';
import type { Questions } from './questions.ts';
import type { Session } from './session.ts';

export type NotebookCommand =
  | 'bine.interruptNotebook'
  | 'bine.restartNotebook'
  | 'bine.restartNotebookAndRunAll'
  | 'bine.shutDownNotebook'
  | 'bine.newNotebook'
  | 'bine.selectEnvironment'
  | 'bine.showNotebookKernel'
  | 'bine.changeKernelLimits'
  | 'bine.answerQuestion'
  | 'bine.hideMark';

/** Milliseconds until it is given up to select an environment. */
const patience = 60_000;

/** What a notebook's toolbar hands over; nothing when it came by key or palette. */
type Clicked = { notebookEditor?: { notebookUri?: vscode.Uri } };

export type NotebookCommandOptions = {
  connection: Pick<Connection, 'client'>;
  limits: KernelLimits;
  sessionOf: (notebook: vscode.NotebookDocument) => Session | undefined;
  controllers: Controllers;
  questions: Questions;
  cellStatus: CellStatus;
};

type Handler = (...args: never[]) => unknown;

export function createNotebookCommands(options: NotebookCommandOptions): Record<NotebookCommand, Handler> {
  const { sessionOf, controllers } = options;

  function meant(clicked?: Clicked): Session {
    const uri = clicked?.notebookEditor?.notebookUri ?? vscode.window.activeNotebookEditor?.notebook.uri;
    const notebook = vscode.workspace.notebookDocuments.find(
      (each) => each.notebookType === notebookType && each.uri.toString() === uri?.toString(),
    );
    const session = notebook && sessionOf(notebook);
    if (!session) throw cancelled();
    return session;
  }

  async function restart(session: Session): Promise<void> {
    if (session.kernel && isRunning(session.kernel)) await confirmRestart();
    await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: 'Bine: Restarting the kernel…' }, session.restart);
  }

  async function runAll({ notebook, run, kernel }: Session): Promise<void> {
    const environment = controllers.of(notebook)?.environment ?? kernel?.environment;
    const cells = notebook.getCells().filter(({ kind }) => kind === vscode.NotebookCellKind.Code);
    if (environment) await run(cells, environment);
  }

  return {
    'bine.interruptNotebook': (clicked?: Clicked) => meant(clicked).interrupt(),
    'bine.restartNotebook': (clicked?: Clicked) => restart(meant(clicked)),
    'bine.restartNotebookAndRunAll': async (clicked?: Clicked) => {
      const session = meant(clicked);
      await restart(session);
      await runAll(session);
    },
    'bine.shutDownNotebook': (clicked?: Clicked) => meant(clicked).shutDown(),
    'bine.showNotebookKernel': async (clicked?: Clicked) => {
      const session = meant(clicked);
      await (
        await pickAction(session)
      )();
    },
    'bine.newNotebook': newNotebook,
    'bine.selectEnvironment': (clicked?: Clicked) => selectEnvironment(meant(clicked), controllers),
    'bine.changeKernelLimits': async (clicked?: Clicked) => {
      const session = meant(clicked);
      const { kernel, notebook } = session;
      const now = kernel && isRunning(kernel) ? kernel : options.limits.of(notebook.uri);
      const { capacity } = await options.connection.client.system.status({});
      const { memory, cores, gpus } = await askLimits(now, capacity);
      if (kernel && isRunning(kernel)) await confirmRestart();
      await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: 'Bine: Restarting the kernel…' }, () =>
        session.resize({ memory, cores, gpus }),
      );
    },
    'bine.answerQuestion': (cell: vscode.NotebookCell) => {
      const session = sessionOf(cell.notebook);
      const run = session?.runs.get(cellId(cell) ?? '');
      if (session && run) options.questions.ask(session, run);
    },
    'bine.hideMark': (cell: vscode.NotebookCell) => options.cellStatus.unmark(cell),
  };
}

/** @throws Problem cancelled */
async function confirmRestart(): Promise<void> {
  const settings = vscode.workspace.getConfiguration('bine.notebooks');
  if (!settings.get('confirmRestart', true)) return;
  const [once, always] = ['Restart', 'Restart, and Don’t Ask Again'];
  const detail = 'All variables are lost, and what runs is stopped. Outputs stay.';
  const answer = await vscode.window.showWarningMessage('Restart the kernel of this notebook?', { modal: true, detail }, once, always);
  if (!answer) throw cancelled();
  if (answer === always) await settings.update('confirmRestart', false, vscode.ConfigurationTarget.Global);
}

/** In one pick, where VS Code's own goes through the extension that brings the kernels. @throws Problem cancelled */
async function selectEnvironment({ notebook, kernel }: Session, controllers: Controllers): Promise<void> {
  const now = controllers.of(notebook)?.environment ?? kernel?.environment;
  const choices = controllers.environments.map(({ name, title, description, state }) => {
    const word = name === now ? 'as now' : descriptions[state];
    return { label: `$(server-environment) ${title}`, description: word, detail: description, value: name };
  });
  const chosen = await pick<string>(choices, { title: 'Environment of This Notebook', placeHolder: 'Another one means a new kernel' });
  await controllers.select(notebook, chosen, AbortSignal.timeout(patience));
}

type Action = () => Thenable<unknown> | Promise<unknown>;

function pickAction({ kernel, notebook }: Session): Promise<Action> {
  const clicked: Clicked = { notebookEditor: { notebookUri: notebook.uri } };
  const command = (label: string, icon: string, id: string, argument: unknown = clicked): Choice<Action> => ({
    label: `$(${icon}) ${label}`,
    value: () => vscode.commands.executeCommand(id, argument),
  });
  const ofRunning = [
    ...(kernel?.state === 'busy' ? [command('Interrupt', 'debug-pause', 'bine.interruptNotebook')] : []),
    command('Restart', 'debug-restart', 'bine.restartNotebook'),
    command('Restart and Run All', 'debug-rerun', 'bine.restartNotebookAndRunAll'),
    command('Shut Down', 'debug-stop', 'bine.shutDownNotebook'),
  ];
  return pick<Action>(
    [
      ...(kernel && isRunning(kernel) ? ofRunning : []),
      command('Select Another Environment…', 'server-environment', 'bine.selectEnvironment'),
      command('Change Memory and Cores…', 'settings-gear', 'bine.changeKernelLimits'),
      command('Show All Kernels', 'list-tree', 'bine.kernels.focus'),
    ],
    { title: 'Kernel of This Notebook' },
  );
}
