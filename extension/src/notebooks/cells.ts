/** Cells and the ids by which they are known outside the editor: in the file, and in the kernel's log. */
import type { Run } from '@bine/client/notebooks/run';
import * as vscode from 'vscode';

export function cellId(cell: vscode.NotebookCell): string | null {
  const { id } = cell.metadata;
  return typeof id === 'string' && id !== '' ? id : null;
}

export function findCell(notebook: vscode.NotebookDocument, id: string): vscode.NotebookCell | undefined {
  return notebook.getCells().find((cell) => cellId(cell) === id);
}

export function cellIds(notebook: vscode.NotebookDocument): Set<string> {
  return new Set(notebook.getCells().flatMap((cell) => cellId(cell) ?? []));
}

/** What the `.ipynb` file has under `metadata`. */
export function notebookMetadata(notebook: vscode.NotebookDocument): Record<string, unknown> {
  const metadata: unknown = notebook.metadata['metadata'];
  return metadata && typeof metadata === 'object' ? (metadata as Record<string, unknown>) : {};
}

/**
 * Gives every cell an id of its own, as the format wants it since version 4.5, and notes the environment for whoever opens
 * the notebook elsewhere. Changes nothing where all of it is there.
 */
export async function prepareNotebook(notebook: vscode.NotebookDocument, environment: string): Promise<void> {
  const edits = [...metadataEdits(notebook, environment), ...idEdits(notebook)];
  if (edits.length === 0) return;
  const edit = new vscode.WorkspaceEdit();
  edit.set(notebook.uri, edits);
  await vscode.workspace.applyEdit(edit);
}

/**
 * The numbers that cells have, for the file. VS Code's own serializer takes them from metadata that it keeps by itself, too late for
 * a cell that runs, and not at all where a cell gets the number that it had before: after a restart, and when it prints late.
 */
export function countsToSave(
  notebook: vscode.NotebookDocument,
  runs: ReadonlyMap<string, Pick<Run, 'count' | 'state'>>,
): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  const edits = notebook.getCells().flatMap((cell) => {
    const { count = null, state = 'queued' } = runs.get(cellId(cell) ?? '') ?? {};
    if (count === null || state === 'queued' || cell.metadata['execution_count'] === count) return [];
    return [vscode.NotebookEdit.updateCellMetadata(cell.index, { ...cell.metadata, execution_count: count })];
  });
  if (edits.length > 0) edit.set(notebook.uri, edits);
  return edit;
}

function* idEdits(notebook: vscode.NotebookDocument): Iterable<vscode.NotebookEdit> {
  const taken = new Set<string>();
  for (const cell of notebook.getCells()) {
    const id = cellId(cell);
    if (id === null || taken.has(id)) {
      yield vscode.NotebookEdit.updateCellMetadata(cell.index, { ...cell.metadata, id: crypto.randomUUID().slice(0, 8) });
    } else {
      taken.add(id);
    }
  }
}

function* metadataEdits(notebook: vscode.NotebookDocument, environment: string): Iterable<vscode.NotebookEdit> {
  const { nbformat, nbformat_minor: minor } = notebook.metadata as { nbformat?: number; nbformat_minor?: number };
  const metadata = notebookMetadata(notebook);
  const old = (nbformat ?? 4) === 4 && (minor ?? 0) < 5;
  const bine = metadata['bine'] as { environment?: string } | undefined;
  if (!old && bine?.environment === environment) return;
  yield vscode.NotebookEdit.updateNotebookMetadata({
    ...notebook.metadata,
    ...(old && { nbformat: 4, nbformat_minor: 5 }),
    metadata: {
      // What other Jupyter clients start it with.
      kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' },
      language_info: { name: 'python' },
      ...metadata,
      bine: { ...bine, environment },
    },
  });
}
