/** The room of notebooks: their environments as kernels to select, and a session for each one that is open. */
import { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { placeOf, scheme } from '../files/uri.ts';
import type { Kernels } from '../kernels/store.ts';
import { tell } from '../vs/commands.ts';
import { createBuildLogs } from './build-log.ts';
import { createCellStatus } from './cell-status.ts';
import { createControllers, notebookType } from './controllers.ts';
import { createEnvironments } from './environments.ts';
import { createIntelliSense } from './intellisense.ts';
import { createKernelStatus } from './kernel-status.ts';
import { type NotebookCommand, createNotebookCommands } from './notebook-commands.ts';
import { createQuestions } from './questions.ts';
import { type Session, createSession } from './session.ts';

export type NotebooksDeps = {
  connection: Connection;
  kernels: Kernels;
  context: Pick<vscode.ExtensionContext, 'extension' | 'globalState' | 'workspaceState'>;
  log: vscode.LogOutputChannel;
};

export type Notebooks = vscode.Disposable & {
  commands: Record<NotebookCommand, (...args: never[]) => unknown>;
  /** For tests: what becomes of an open notebook. */
  sessionOf(notebook: vscode.NotebookDocument): Session | undefined;
};

const lastUsed = 'bine.notebooks.last';
/** What stands in status bars follows what happens at this distance, in milliseconds. */
const calm = 100;

export function createNotebooks({ connection, kernels, context, log }: NotebooksDeps): Notebooks {
  const sessions = new Map<vscode.NotebookDocument, Session>();
  const sessionOf = (notebook: vscode.NotebookDocument) => sessions.get(notebook);
  const active = () => {
    const notebook = vscode.window.activeNotebookEditor?.notebook;
    return notebook && sessionOf(notebook);
  };

  const environments = createEnvironments(connection, context.globalState);
  const controllers = createControllers({
    extension: context.extension.id,
    memory: context.workspaceState,
    interrupt: (notebook) => told('Interrupt', () => sessionOf(notebook)?.interrupt()),
    run: (cells, notebook, environment) => told('Run', () => run(sessionOf(notebook), cells, environment)),
  });
  const questions = createQuestions();
  const cellStatus = createCellStatus(sessionOf);
  const kernelStatus = createKernelStatus(active, controllers);
  const buildLogs = createBuildLogs(connection.client);
  const sync = () => {
    // A notebook of this machine is offered environments only where a project's notebook is open too.
    if (sessions.size > 0) controllers.set(environments.all);
    kernelStatus.update();
  };

  async function told(doing: string, work: () => unknown): Promise<void> {
    try {
      await work();
    } catch (error) {
      tell(doing, error, log);
    }
  }

  const openOne = (notebook: vscode.NotebookDocument) => {
    const place = notebook.uri.scheme === scheme && notebook.notebookType === notebookType ? placeOf(notebook.uri) : null;
    if (!place || sessions.has(notebook)) return;
    const session = createSession(
      {
        connection,
        kernels,
        controllers,
        log,
        ready: (project, signal) => environments.need(project, signal),
        lastOf: (project) => context.globalState.get<Record<string, string>>(lastUsed, {})[project] ?? null,
        onRun: (project, environment) =>
          void context.globalState.update(lastUsed, {
            ...context.globalState.get<Record<string, string>>(lastUsed, {}),
            [project]: environment,
          }),
      },
      notebook,
      place,
    );
    sessions.set(notebook, session);
    const update = calmly(() => {
      questions.look(session);
      cellStatus.update();
      kernelStatus.update();
    });
    session.onDidChange(update);
    session.onDidCatchUp((runs) => cellStatus.mark(session, runs));
    sync();
  };
  const closeOne = (notebook: vscode.NotebookDocument) => {
    sessions.get(notebook)?.dispose();
    sessions.delete(notebook);
    kernelStatus.update();
  };

  const disposables = vscode.Disposable.from(
    environments,
    controllers,
    questions,
    cellStatus,
    kernelStatus,
    buildLogs,
    createIntelliSense((document) => sessionOfCell(sessions, document)),
    environments.onDidChange(sync),
    controllers.onDidSelect(() => kernelStatus.update()),
    vscode.workspace.onDidOpenNotebookDocument(openOne),
    vscode.workspace.onDidCloseNotebookDocument(closeOne),
    vscode.window.onDidChangeActiveNotebookEditor(() => kernelStatus.update()),
    vscode.window.onDidChangeVisibleNotebookEditors(() => {
      for (const session of sessions.values()) questions.look(session);
    }),
  );
  vscode.workspace.notebookDocuments.forEach(openOne);
  return {
    commands: createNotebookCommands({ sessionOf, controllers, questions, cellStatus, showBuildLog: buildLogs.show }),
    sessionOf,
    dispose() {
      for (const session of sessions.values()) session.dispose();
      disposables.dispose();
    },
  };
}

async function run(session: Session | undefined, cells: vscode.NotebookCell[], environment: string): Promise<void> {
  if (!session) {
    throw new Problem(
      'conflict',
      'This notebook is not in a project. Upload it into one to run it there, or select a kernel of this machine.',
    );
  }
  await session.run(cells, environment);
}

function sessionOfCell(sessions: ReadonlyMap<vscode.NotebookDocument, Session>, document: vscode.TextDocument): Session | undefined {
  for (const [notebook, session] of sessions) if (notebook.getCells().some((cell) => cell.document === document)) return session;
  return undefined;
}

/** Many calls at once are one, a moment later. */
function calmly(work: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      work();
    }, calm);
  };
}
