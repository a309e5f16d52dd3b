/** A folder as the user sees it: what is on the disk, and over it what is open and not saved. */
import { localFolder } from '@bine/client/node/local-folder';
import type { Folder } from '@bine/client/node/snapshot';
import { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import { baseName, scheme } from '../files/uri.ts';
import { listLocal, openLocal } from '../vs/local-files.ts';

export function seenFolder(root: vscode.Uri): Folder {
  if (root.scheme === 'file') return localFolder(root.fsPath);
  const at = (path: string) => (path ? vscode.Uri.joinPath(root, path) : root);
  return {
    name: baseName(root.path.replace(/\/$/, '')) || root.toString(true),
    list: (path) => listLocal(at(path)),
    names: async (path) => (await vscode.workspace.fs.readDirectory(at(path))).map(([name]) => name),
    read: (path) => openLocal(at(path)),
  };
}

/** What editors hold and the disk does not, by path in the folder. */
export async function unsavedIn(root: vscode.Uri): Promise<Map<string, Uint8Array>> {
  const inside = (uri: vscode.Uri) =>
    uri.scheme === root.scheme && uri.authority === root.authority && uri.path.startsWith(`${root.path.replace(/\/$/, '')}/`);
  const pathOf = (uri: vscode.Uri) => uri.path.slice(root.path.replace(/\/$/, '').length + 1);
  const unsaved = new Map<string, Uint8Array>();
  for (const document of vscode.workspace.textDocuments) {
    if (!document.isDirty || !inside(document.uri)) continue;
    const { uri, encoding } = document;
    unsaved.set(pathOf(uri), await vscode.workspace.encode(document.getText(), { encoding }));
  }
  for (const notebook of vscode.workspace.notebookDocuments) {
    if (notebook.isDirty && inside(notebook.uri)) unsaved.set(pathOf(notebook.uri), await notebookBytes(notebook));
  }
  return unsaved;
}

type NotebookFormat = { exportNotebook(notebook: vscode.NotebookData): Promise<string> };

/** VS Code's own extension for the format writes it, so that the bytes are those that a save would write. */
async function notebookBytes(notebook: vscode.NotebookDocument): Promise<Uint8Array> {
  const format = await vscode.extensions.getExtension<NotebookFormat>('vscode.ipynb')?.activate();
  if (!format)
    throw new Problem('conflict', `Save "${baseName(notebook.uri.path)}" first: VS Code's own "Jupyter Notebook" support is disabled.`);
  const cells = notebook.getCells().map(({ kind, document, outputs, metadata }) => {
    const cell = new vscode.NotebookCellData(kind, document.getText(), document.languageId);
    return Object.assign(cell, { outputs: [...outputs], metadata });
  });
  const data = Object.assign(new vscode.NotebookData(cells), { metadata: notebook.metadata });
  return new TextEncoder().encode(await format.exportNotebook(data));
}

/** A project's files run where they are: what is seen is saved first. */
export async function saveProject(project: string): Promise<void> {
  for (const document of [...vscode.workspace.textDocuments, ...vscode.workspace.notebookDocuments]) {
    const { uri, isDirty } = document;
    if (!isDirty || uri.scheme !== scheme || !uri.path.startsWith(`/${project}/`)) continue;
    // By the document, not by its URI: that would need an editor that shows it.
    const saved = await document.save();
    if (!saved) throw new Problem('conflict', `"${baseName(uri.path)}" could not be saved, so the job would not run what you see.`);
  }
}
