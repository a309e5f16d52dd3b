/** New notebooks go into a project at once: one that is in none cannot run. */
import { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import { baseName, parentOf, placeOf, scheme } from '../files/uri.ts';
import { notebookType } from './controllers.ts';

/** `Bine: New Notebook`, in the folder that is meant, else in the project that is open. @throws Problem if there is none */
export async function newNotebook(meant?: unknown): Promise<void> {
  const folder = meant instanceof vscode.Uri && meant.scheme === scheme ? await folderOf(meant) : openFolder();
  if (!folder) throw new Problem('conflict', 'No project is open in this window. Open one, and its new notebooks can run.');
  const uri = await write(folder, [{ cell_type: 'code', source: '', execution_count: null, outputs: [] }], {});
  await vscode.commands.executeCommand('vscode.openWith', uri, notebookType);
}

/** The folder of the project that is open in this window. */
export function openFolder(): vscode.Uri | undefined {
  const folders = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri).filter((uri) => uri.scheme === scheme);
  const active = vscode.window.activeTextEditor?.document.uri ?? vscode.window.activeNotebookEditor?.notebook.uri;
  const isAround = (folder: vscode.Uri) => active?.scheme === scheme && placeOf(active)?.project === placeOf(folder)?.project;
  return folders.find(isAround) ?? folders[0];
}

/**
 * Answers why a notebook that is in no project cannot run, and offers what helps: one that was never saved is saved into the project.
 * Resolves with what took its place; null: nothing did.
 */
export async function offerToMove(notebook: vscode.NotebookDocument): Promise<vscode.NotebookDocument | null> {
  const name = baseName(notebook.uri.path);
  const folder = openFolder();
  if (!notebook.isUntitled) {
    const [asJob, upload] = ['Run as Job', 'Upload into a Project…'];
    const message = `${name} is in no project, and kernels of Bine run notebooks of projects. Upload it and open it there, or run it as a job, which takes its folder along.`;
    const chosen = await vscode.window.showWarningMessage(message, asJob, upload);
    if (chosen === asJob) await vscode.commands.executeCommand('bine.runAsJob', notebook.uri);
    if (chosen === upload) await vscode.commands.executeCommand('bine.uploadOpenFile', notebook.uri);
    return null;
  }
  if (!folder) throw new Problem('conflict', `${name} is in no project. Open a project, and save the notebook there to run it.`);
  const save = `Save in ${placeOf(folder)!.project} and Run`;
  const chosen = await vscode.window.showInformationMessage(`${name} is in no project yet. Saved in one, it can run.`, save);
  return chosen === save ? move(notebook, folder) : null;
}

async function move(notebook: vscode.NotebookDocument, folder: vscode.Uri): Promise<vscode.NotebookDocument> {
  const cells = notebook.getCells().map(({ kind, document }) => {
    const source = document.getText();
    const code = { cell_type: 'code', source, execution_count: null, outputs: [] };
    return kind === vscode.NotebookCellKind.Code ? code : { cell_type: 'markdown', source };
  });
  const metadata: unknown = notebook.metadata['metadata'];
  const uri = await write(folder, cells, metadata && typeof metadata === 'object' ? metadata : {});
  await vscode.window.showNotebookDocument(notebook);
  await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  const moved = await vscode.workspace.openNotebookDocument(uri);
  await vscode.window.showNotebookDocument(moved);
  return moved;
}

/** `Untitled.ipynb`, or the first of `Untitled-1.ipynb` … that is free. */
async function write(folder: vscode.Uri, cells: object[], metadata: object): Promise<vscode.Uri> {
  const taken = new Set((await vscode.workspace.fs.readDirectory(folder)).map(([name]) => name));
  let name = 'Untitled.ipynb';
  for (let number = 1; taken.has(name); number++) name = `Untitled-${number}.ipynb`;
  const identified = cells.map((cell) => ({ id: crypto.randomUUID().slice(0, 8), metadata: {}, ...cell }));
  const file = { cells: identified, metadata, nbformat: 4, nbformat_minor: 5 };
  const uri = vscode.Uri.joinPath(folder, name);
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(`${JSON.stringify(file, null, 1)}\n`));
  return uri;
}

async function folderOf(uri: vscode.Uri): Promise<vscode.Uri> {
  const { type } = await vscode.workspace.fs.stat(uri);
  return type === vscode.FileType.Directory ? uri : uri.with({ path: parentOf(uri.path) });
}
