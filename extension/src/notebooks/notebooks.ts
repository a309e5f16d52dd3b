/** The room of notebooks: their environments as kernels to select, and a session for each one that is open. */
import type { SecretUse } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import type { Environments, Renaming } from '../environments/store.ts';
import { foreignLanguage } from '@bine/client/notebooks/language';
import { baseName, placeOf, scheme } from '../files/uri.ts';
import type { Kernels } from '../kernels/store.ts';
import { tell } from '../vs/commands.ts';
import { countsToSave, notebookMetadata } from './cells.ts';
import { createCellStatus } from './cell-status.ts';
import { type KnownEnvironment, createControllers, next, notebookType } from './controllers.ts';
import { createIntelliSense, createWarmUp } from './intellisense.ts';
import { createKernelLimits } from './kernel-limits.ts';
import { createKernelStatus } from './kernel-status.ts';
import { createMemoryOffer } from './memory-offer.ts';
import { offerToMove, openFolder } from './new-notebook.ts';
import { type NotebookCommand, createNotebookCommands } from './notebook-commands.ts';
import { createQuestions } from './questions.ts';
import { type Session, createSession } from './session.ts';

export type NotebooksDeps = {
  connection: Connection;
  kernels: Kernels;
  environments: Environments;
  context: Pick<vscode.ExtensionContext, 'extension' | 'globalState' | 'workspaceState'>;
  log: vscode.LogOutputChannel;
  /** What kernels of a project are to get. */
  secretsOf: (project: string) => SecretUse[];
};

export type Notebooks = vscode.Disposable & {
  commands: Record<NotebookCommand, (...args: never[]) => unknown>;
  sessionOf(notebook: vscode.NotebookDocument): Session | undefined;
  /** That of the notebook that is looked at. */
  active(): Session | undefined;
  /** The environment that is selected for it, or that its kernel runs in. */
  environmentOf(notebook: vscode.NotebookDocument): string | null;
  /** An environment was selected for it, or none any more. */
  readonly onDidSelect: vscode.Event<vscode.NotebookDocument>;
  /** Selects it without asking, as soon as it is known. */
  select(notebook: vscode.NotebookDocument, environment: string, signal: AbortSignal): Promise<void>;
};

const lastUsed = 'bine.notebooks.last';
/** What stands in status bars follows what happens at this distance, in milliseconds. */
const calm = 100;
/** Milliseconds until it is given up to select an environment. */
const patience = 60_000;

export function createNotebooks({ connection, kernels, environments, context, log, secretsOf }: NotebooksDeps): Notebooks {
  const sessions = new Map<vscode.NotebookDocument, Session>();
  const sessionOf = (notebook: vscode.NotebookDocument) => sessions.get(notebook);
  const active = () => {
    const notebook = vscode.window.activeNotebookEditor?.notebook;
    return notebook && sessionOf(notebook);
  };

  const controllers = createControllers({
    extension: context.extension.id,
    memory: context.workspaceState,
    interrupt: (notebook) => told('Interrupt', () => sessionOf(notebook)?.interrupt()),
    run: (cells, notebook, environment) => told('Run', () => run(notebook, cells, environment)),
  });
  const questions = createQuestions();
  const cellStatus = createCellStatus(sessionOf);
  const kernelStatus = createKernelStatus(active, controllers);
  const warmUp = createWarmUp();
  const limits = createKernelLimits(context.globalState);
  const offerMemory = createMemoryOffer({ connection, limits, log });
  const sync = () => {
    const projects = projectsShown();
    if (projects.size > 0) controllers.set(offered(environments, projects));
    kernelStatus.update();
  };

  /** Those whose notebooks are open, and that of the window where a notebook is open that is in no project: it may be moved there. */
  function projectsShown(): Set<string> {
    const homeless = vscode.workspace.notebookDocuments.some(
      (notebook) => notebook.notebookType === notebookType && !sessions.has(notebook),
    );
    const folder = homeless ? openFolder() : undefined;
    return new Set([...[...sessions.values()].map(({ place }) => place.project), ...(folder ? [placeOf(folder)!.project] : [])]);
  }

  async function run(notebook: vscode.NotebookDocument, cells: vscode.NotebookCell[], environment: string): Promise<void> {
    const session = sessionOf(notebook);
    if (session) return session.run(cells, environment);
    const indexes = cells.map(({ index }) => index);
    const moved = await offerToMove(notebook);
    if (!moved) return;
    openOne(moved);
    await select(moved, environment, AbortSignal.timeout(patience));
    await sessionOf(moved)?.run(
      indexes.map((index) => moved.cellAt(index)),
      environment,
    );
  }

  const environmentOf = (notebook: vscode.NotebookDocument) =>
    controllers.of(notebook)?.environment ?? sessionOf(notebook)?.kernel?.environment ?? null;

  async function select(notebook: vscode.NotebookDocument, environment: string, signal: AbortSignal): Promise<void> {
    const isKnown = () => signal.aborted || controllers.environments.some(({ name }) => name === environment);
    while (!isKnown()) await next(environments.onDidChange, isKnown, signal);
    await controllers.select(notebook, environment, signal);
  }

  function followRename({ project, from, to }: Renaming): void {
    const using = [...sessions.values()].filter(({ place, notebook }) => place.project === project && environmentOf(notebook) === from);
    for (const { notebook } of using) void select(notebook, to, AbortSignal.timeout(patience));
  }

  /** VS Code saves without the counts when it has waited too long for them. */
  async function saveMissedCounts(notebook: vscode.NotebookDocument): Promise<void> {
    const session = sessionOf(notebook);
    const missed = session && countsToSave(notebook, session.runs);
    if (!missed || missed.size === 0) return;
    await vscode.workspace.applyEdit(missed);
    await notebook.save();
  }

  async function told(doing: string, work: () => unknown): Promise<void> {
    try {
      await work();
    } catch (error) {
      tell(doing, error, log);
    }
  }

  const openOne = (notebook: vscode.NotebookDocument) => {
    const place = notebook.uri.scheme === scheme && notebook.notebookType === notebookType ? placeOf(notebook.uri) : null;
    if (!place) {
      const project = notebook.notebookType === notebookType && openFolder() && placeOf(openFolder()!)?.project;
      if (project) void told('Select Kernel', () => environments.need(project, AbortSignal.timeout(patience)).then(sync));
      return;
    }
    if (sessions.has(notebook)) return;
    const session = createSession(
      {
        connection,
        kernels,
        controllers,
        log,
        ready: async (project, signal) => {
          await environments.need(project, signal);
          // What is known is told a moment later; who waits for it wants the controllers now.
          sync();
        },
        secretsOf,
        limits,
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
    const foreign = foreignLanguage(notebookMetadata(notebook), place.path);
    // Nothing would happen at Run: VS Code leaves out cells of languages that no kernel of ours has.
    if (foreign) void vscode.window.showWarningMessage(`${baseName(place.path)} cannot be run: ${foreign}.`);
    const update = calmly(() => {
      questions.look(session);
      cellStatus.update();
      kernelStatus.update();
      warmUp(session);
      offerMemory(session);
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
    controllers,
    questions,
    cellStatus,
    kernelStatus,
    createIntelliSense((document) => sessionOfCell(sessions, document)),
    environments.onDidChange(sync),
    environments.onDidRename(followRename),
    controllers.onDidSelect(() => kernelStatus.update()),
    vscode.workspace.onDidOpenNotebookDocument(openOne),
    vscode.workspace.onDidCloseNotebookDocument(closeOne),
    vscode.workspace.onWillSaveNotebookDocument((event) => {
      const session = sessionOf(event.notebook);
      if (session) event.waitUntil(Promise.resolve(countsToSave(event.notebook, session.runs)));
    }),
    vscode.workspace.onDidSaveNotebookDocument((notebook) => void told('Save', () => saveMissedCounts(notebook))),
    vscode.window.onDidChangeActiveNotebookEditor(() => kernelStatus.update()),
    vscode.window.onDidChangeVisibleNotebookEditors(() => {
      for (const session of sessions.values()) questions.look(session);
    }),
  );
  vscode.workspace.notebookDocuments.forEach(openOne);
  return {
    commands: createNotebookCommands({ connection, sessionOf, controllers, questions, cellStatus, limits }),
    sessionOf,
    active,
    environmentOf,
    onDidSelect: controllers.onDidSelect,
    select,
    dispose() {
      for (const session of sessions.values()) session.dispose();
      disposables.dispose();
    },
  };
}

/** Those of the projects, each name once. */
function offered(environments: Environments, projects: ReadonlySet<string>): KnownEnvironment[] {
  const byName = new Map([...projects].flatMap((project) => environments.of(project) ?? []).map((each) => [each.name, each]));
  return [...byName.values()];
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
