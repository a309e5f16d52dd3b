/** A notebook in the real editor, run on a real kernel. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { BineApi } from '../src/extension.ts';
import type { Run } from '@bine/client/notebooks/run';
import type { Session } from '../src/notebooks/session.ts';
import { bine, bytes, freshFolder, project, text, until } from './bine.ts';

export const environment = 'python-inference';

export type OpenNotebook = {
  document: vscode.NotebookDocument;
  session: Session;
  cell(index: number): vscode.NotebookCell;
  /** Adds cells at the end; answers the index of the first. */
  add(...sources: string[]): Promise<number>;
  /** Presses Run on these cells, or on all; resolves when they have ended. */
  run(...cells: number[]): Promise<void>;
  /** Presses Run and leaves. */
  start(...cells: number[]): Promise<void>;
  /** Resolves when the latest run of a cell is as wanted, and shown. */
  untilRun(index: number, wanted: (run: Run) => boolean): Promise<Run>;
  /** Resolves when what a cell shows is as wanted. */
  untilShown(index: number, wanted: (outputs: string[]) => boolean): Promise<string[]>;
  /** What the outputs of a cell say, each as text. */
  outputs(index: number): string[];
};

/** Until the environment is there, so that a test waits for its own things only. */
export async function prepare(context: Mocha.Context): Promise<BineApi> {
  context.timeout(300_000);
  const api = await bine();
  const { client } = api.connection;
  const { state } = await client.environments.build({ project, environment });
  if (state === 'ready') return api;
  for await (const { done } of await client.environments.log({ project, environment })) assert.notEqual(done, 'failed');
  return api;
}

/** A new file in the project. */
export async function writeNotebook(sources: readonly string[], metadata: object = { bine: { environment } }): Promise<vscode.Uri> {
  const uri = vscode.Uri.joinPath(await freshFolder(), 'test.ipynb');
  const cells = sources.map((source, index) => ({
    cell_type: 'code',
    id: `cell-${index}`,
    metadata: {},
    execution_count: null,
    outputs: [],
    source,
  }));
  await vscode.workspace.fs.writeFile(uri, bytes(JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 })));
  return uri;
}

export async function openNotebook(api: BineApi, uri: vscode.Uri): Promise<OpenNotebook> {
  const document = await vscode.workspace.openNotebookDocument(uri);
  await vscode.window.showNotebookDocument(document);
  const session = api.notebooks.sessionOf(document)!;
  const cell = (index: number) => document.cellAt(index);
  const idOf = (index: number) => String(cell(index).metadata['id']);
  const outputs = (index: number) => cell(index).outputs.map(textOf);
  const changed = vscode.workspace.onDidChangeNotebookDocument;

  const isOver = (index: number) => session.runs.get(idOf(index))?.state === 'ended';
  const untilRun = (index: number, wanted: (run: Run) => boolean) =>
    until(session.onDidChange, () => {
      const run = session.runs.get(idOf(index));
      return run && wanted(run) ? run : undefined;
    });
  async function start(...cells: number[]): Promise<void> {
    const ranges = cells.map((index) => ({ start: index, end: index + 1 }));
    await vscode.commands.executeCommand('notebook.cell.execute', {
      ranges: ranges.length > 0 ? ranges : [{ start: 0, end: document.cellCount }],
      document: uri,
    });
  }
  return {
    document,
    session,
    cell,
    start,
    async add(...sources) {
      const first = document.cellCount;
      const cells = sources.map((source) => new vscode.NotebookCellData(vscode.NotebookCellKind.Code, source, 'python'));
      const edit = new vscode.WorkspaceEdit();
      edit.set(uri, [vscode.NotebookEdit.insertCells(first, cells)]);
      await vscode.workspace.applyEdit(edit);
      return first;
    },
    async run(...cells) {
      const indexes = cells.length > 0 ? cells : document.getCells().map(({ index }) => index);
      const before = new Set([...session.runs.values()].map(({ id }) => id));
      await start(...indexes);
      for (const index of indexes) await untilRun(index, (run) => !before.has(run.id) && isOver(index));
      for (const index of indexes) await until(changed, () => cell(index).executionSummary?.timing !== undefined || undefined);
    },
    untilRun,
    untilShown: (index, wanted) => until(changed, () => (wanted(outputs(index)) ? outputs(index) : undefined)),
    outputs,
  };
}

/** As a user does who does not want what is not saved. */
export async function closeNotebook(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
}

export function mimes({ outputs }: vscode.NotebookCell): string[][] {
  return outputs.map(({ items }) => items.map(({ mime }) => mime).sort());
}

function textOf({ items }: vscode.NotebookCellOutput): string {
  const plain = items.find(({ mime }) => mime === 'text/plain') ?? items[0]!;
  return text(plain.data);
}
