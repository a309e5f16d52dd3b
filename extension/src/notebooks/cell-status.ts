/** What stands below a cell beside VS Code's own: a question that waits, and what ran while nobody looked. */
import * as vscode from 'vscode';
import { cellId } from './cells.ts';
import { notebookType } from './controllers.ts';
import type { Run } from '@bine/client/notebooks/run';
import type { Session } from './session.ts';

export type CellStatus = vscode.Disposable & {
  /** These ran while nobody looked, until they run again or somebody says that they know. */
  mark(session: Session, runs: readonly Run[]): void;
  unmark(cell: vscode.NotebookCell): void;
  /** The runs of a session changed. */
  update(): void;
};

export function createCellStatus(sessionOf: (notebook: vscode.NotebookDocument) => Session | undefined): CellStatus {
  const changed = new vscode.EventEmitter<void>();
  const marks = new WeakMap<vscode.NotebookDocument, Map<string, Run>>();
  let shown = '';

  function itemsOf(cell: vscode.NotebookCell): vscode.NotebookCellStatusBarItem[] {
    const id = cellId(cell);
    const session = sessionOf(cell.notebook);
    const run = id === null ? undefined : session?.runs.get(id);
    if (!session || !run) return [];
    if (run.question) return [item('$(comment) Waits for an input', 'Answer', 'bine.answerQuestion', cell)];
    const isMarked = marks.get(cell.notebook)?.get(run.cell) === run && run.state === 'ended';
    return isMarked ? [item(`$(eye) Ran while you were away, ${timeOf(run.ended!)}`, 'Hide', 'bine.hideMark', cell)] : [];
  }

  const provider = { onDidChangeCellStatusBarItems: changed.event, provideCellStatusBarItems: itemsOf };
  const disposables = vscode.Disposable.from(changed, vscode.notebooks.registerNotebookCellStatusBarItemProvider(notebookType, provider));
  return {
    mark(session, runs) {
      const marked = marks.get(session.notebook) ?? new Map<string, Run>();
      marks.set(session.notebook, marked);
      for (const run of runs) if (run.ended !== null) marked.set(run.cell, run);
      changed.fire();
    },
    unmark(cell) {
      marks.get(cell.notebook)?.delete(cellId(cell) ?? '');
      changed.fire();
    },
    update() {
      // Of thousands of changes while a cell prints, none concerns what stands here.
      const now = vscode.workspace.notebookDocuments.map((notebook) => summary(sessionOf(notebook))).join();
      if (now !== shown) changed.fire();
      shown = now;
    },
    dispose: () => disposables.dispose(),
  };
}

function summary(session: Session | undefined): string {
  return [...(session?.runs.values() ?? [])].map(({ id, state, question }) => `${id} ${state} ${question?.header.msg_id ?? ''}`).join();
}

function item(text: string, tooltip: string, command: string, cell: vscode.NotebookCell): vscode.NotebookCellStatusBarItem {
  const made = new vscode.NotebookCellStatusBarItem(text, vscode.NotebookCellStatusBarAlignment.Left);
  made.tooltip = tooltip;
  made.command = { command, title: tooltip, arguments: [cell] };
  return made;
}

/** 03:12, with the day where it was another one. */
function timeOf(milliseconds: number): string {
  const [then, now] = [new Date(milliseconds), new Date()];
  const time = then.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  if (then.toDateString() === now.toDateString()) return time;
  return `${then.toLocaleDateString([], { weekday: 'short', day: 'numeric', month: 'short' })}, ${time}`;
}
