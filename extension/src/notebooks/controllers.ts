/**
 * One NotebookController for each environment, so that "Select Kernel" offers them by name. VS Code itself remembers what was
 * selected for a notebook; it is only told where nobody has selected anything yet, or where a kernel runs already.
 */
import type { Environment } from '@bine/shared';
import * as vscode from 'vscode';

export type KnownEnvironment = Pick<Environment, 'name' | 'title' | 'description' | 'state'>;

export type Controllers = vscode.Disposable & {
  /** These are the environments now. */
  set(environments: readonly KnownEnvironment[]): void;
  readonly environments: readonly KnownEnvironment[];
  /** The one that is selected for the notebook; null: another extension's, or none. */
  of(notebook: vscode.NotebookDocument): { controller: vscode.NotebookController; environment: string } | null;
  /**
   * Whether something was ever selected for it in this workspace: VS Code finds it again by itself a moment after the notebook was
   * opened. `elsewhere`: another extension's kernel, and the user is not to be corrected.
   */
  history(notebook: vscode.NotebookDocument): 'never' | 'here' | 'elsewhere';
  /** Selects it without asking. Waits until the notebook is seen, since VS Code selects only then. */
  select(notebook: vscode.NotebookDocument, environment: string, signal: AbortSignal): Promise<void>;
  readonly onDidSelect: vscode.Event<vscode.NotebookDocument>;
};

export type ControllersOptions = {
  /** The extension's id. */
  extension: string;
  /** Of this workspace. */
  memory: vscode.Memento;
  run: (cells: vscode.NotebookCell[], notebook: vscode.NotebookDocument, environment: string) => Promise<void>;
  interrupt: (notebook: vscode.NotebookDocument) => Promise<void>;
};

export const notebookType = 'jupyter-notebook';

const kept = 'bine.notebooks.selected';
/** How many notebooks are remembered beside the latest. */
const most = 500;
type History = Record<string, 'here' | 'elsewhere'>;
/** Milliseconds between "this one no longer" and "that one now". */
const switching = 1000;

export const descriptions: Record<Environment['state'], string> = {
  absent: 'built on first use',
  building: 'being built',
  ready: '',
  changing: 'being changed',
  failed: 'its last build failed',
};

export function createControllers({ extension, memory, run, interrupt }: ControllersOptions): Controllers {
  const byName = new Map<string, vscode.NotebookController>();
  const selected = new Map<vscode.NotebookDocument, string>();
  const selecting = new vscode.EventEmitter<vscode.NotebookDocument>();
  let environments: readonly KnownEnvironment[] = [];

  function create({ name, title }: KnownEnvironment): vscode.NotebookController {
    const controller = vscode.notebooks.createNotebookController(name, notebookType, title);
    controller.supportedLanguages = ['python'];
    controller.supportsExecutionOrder = true;
    controller.executeHandler = (cells, notebook) => run(cells, notebook, name);
    controller.interruptHandler = interrupt;
    controller.onDidChangeSelectedNotebooks((change) => {
      if (change.selected) selected.set(change.notebook, name);
      else if (selected.get(change.notebook) === name) selected.delete(change.notebook);
      setTimeout(note, switching, change.notebook);
      selecting.fire(change.notebook);
    });
    return controller;
  }

  function note(notebook: vscode.NotebookDocument): void {
    if (notebook.isClosed) return;
    const { [notebook.uri.toString()]: _before, ...others } = memory.get<History>(kept, {});
    const entries = Object.entries(others).slice(-most);
    void memory.update(kept, Object.fromEntries([...entries, [notebook.uri.toString(), selected.has(notebook) ? 'here' : 'elsewhere']]));
  }

  async function select(notebook: vscode.NotebookDocument, name: string, signal: AbortSignal): Promise<void> {
    const controller = byName.get(name);
    if (!controller) return;
    controller.updateNotebookAffinity(notebook, vscode.NotebookControllerAffinity.Preferred);
    while (!signal.aborted && selected.get(notebook) !== name) {
      const notebookEditor = vscode.window.visibleNotebookEditors.find((editor) => editor.notebook === notebook);
      if (notebookEditor) {
        const done = next(selecting.event, (changed) => changed === notebook, signal, 2000);
        await vscode.commands.executeCommand('notebook.selectKernel', { notebookEditor, id: name, extension });
        await done;
      } else {
        await next(vscode.window.onDidChangeVisibleNotebookEditors, () => true, signal);
      }
    }
  }

  return {
    set(now) {
      environments = now;
      for (const environment of now) {
        const controller = byName.get(environment.name) ?? create(environment);
        byName.set(environment.name, controller);
        controller.label = environment.title;
        controller.description = descriptions[environment.state];
        controller.detail = environment.description;
      }
      for (const [name, controller] of byName) {
        if (now.some((environment) => environment.name === name)) continue;
        controller.dispose();
        byName.delete(name);
        for (const [notebook, chosen] of selected) if (chosen === name) selected.delete(notebook);
      }
    },
    get environments() {
      return environments;
    },
    of(notebook) {
      const environment = selected.get(notebook);
      const controller = environment === undefined ? undefined : byName.get(environment);
      return environment !== undefined && controller ? { controller, environment } : null;
    },
    history: (notebook) => memory.get<History>(kept, {})[notebook.uri.toString()] ?? 'never',
    select,
    onDidSelect: selecting.event,
    dispose() {
      for (const controller of byName.values()) controller.dispose();
      selecting.dispose();
    },
  };
}

/** Resolves with the next event that is wanted, with the signal, or after `ms`. */
export function next<T>(event: vscode.Event<T>, wanted: (value: T) => boolean, signal: AbortSignal, ms?: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      subscription.dispose();
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = ms === undefined ? undefined : setTimeout(done, ms);
    const subscription = event((value) => wanted(value) && done());
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
