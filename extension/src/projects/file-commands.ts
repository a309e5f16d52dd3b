/** What can be done with files in the view "Projects": the same as in the explorer, without opening the project. */
import * as vscode from 'vscode';
import { namesIn } from '../files/names-in.ts';
import { contentPath } from '../files/transfer.ts';
import { type Place, baseName, join, nameProblem, parentOf, scheme, uriPath } from '../files/uri.ts';
import { askText } from '../vs/ask.ts';
import { type FileNode, placeOfNode } from './nodes.ts';
import type { ProjectDeps } from './projects.ts';

export async function newFile(deps: ProjectDeps, folder: Place): Promise<void> {
  const path = join(folder.path, await askName(deps, folder, { title: 'New File', placeholder: 'notebook.ipynb or features/prices.py' }));
  const place = { project: folder.project, path };
  if (parentOf(path) !== folder.path) await deps.connection.client.files.mkdir({ project: folder.project, path: parentOf(path) });
  await deps.connection.fetch(contentPath(place), { method: 'PUT', body: emptyFile(path), headers: { 'if-none-match': '*' } });
  deps.tree.refresh(deps.tree.nodeAt(uriPath(folder)));
  await vscode.commands.executeCommand('vscode.open', vscode.Uri.from({ scheme, path: uriPath(place) }));
}

export async function newFolder(deps: ProjectDeps, folder: Place): Promise<void> {
  const name = await askName(deps, folder, { title: 'New Folder' });
  await deps.connection.client.files.mkdir({ project: folder.project, path: join(folder.path, name) });
  deps.tree.refresh(deps.tree.nodeAt(uriPath(folder)));
}

export async function renameFile(deps: ProjectDeps, node: FileNode): Promise<void> {
  const from = placeOfNode(node);
  const folder = { ...from, path: parentOf(from.path) };
  const old = baseName(from.path);
  const dot = node.kind === 'file' ? old.lastIndexOf('.') : -1;
  const name = await askName(deps, folder, { title: `Rename ${old}`, value: old, selection: [0, dot > 0 ? dot : old.length] });
  if (name === old) return;
  const edit = new vscode.WorkspaceEdit();
  // As an edit of the workspace, open editors and extensions that follow renames come along.
  edit.renameFile(uriOf(from), uriOf({ ...from, path: join(folder.path, name) }));
  await vscode.workspace.applyEdit(edit);
  deps.tree.refresh(deps.tree.nodeAt(uriPath(folder)));
}

/** Into the bin, so nothing is asked. */
export async function deleteFiles(deps: ProjectDeps, places: readonly Place[]): Promise<void> {
  const files = places.filter(({ path }) => path !== '');
  // A folder takes what is in it along; asked for on its own it would be gone already.
  const inside = (place: Place) => files.some((other) => uriPath(place).startsWith(`${uriPath(other)}/`));
  for (const place of files.filter((file) => !inside(file))) {
    await vscode.workspace.fs.delete(uriOf(place), { recursive: true });
    deps.tree.refresh(deps.tree.nodeAt(uriPath({ ...place, path: parentOf(place.path) })));
  }
}

/** As programs in the project's kernels know it. */
export async function copyPath(places: readonly Place[]): Promise<void> {
  await vscode.env.clipboard.writeText(places.map(({ path }) => (path ? `/project/${path}` : '/project')).join('\n'));
}

type NameQuestion = { title: string; placeholder?: string; value?: string; selection?: [number, number] };

async function askName({ connection }: ProjectDeps, folder: Place, question: NameQuestion): Promise<string> {
  const taken = await namesIn(connection, folder);
  if (question.value) taken.delete(question.value);
  return askText({ prompt: `In ${uriPath(folder).slice(1)}`, ...question, problem: (name) => nameProblem(name, taken) });
}

function uriOf(place: Place): vscode.Uri {
  return vscode.Uri.from({ scheme, path: uriPath(place) });
}

/** An empty notebook is not an empty file. */
function emptyFile(path: string): string {
  if (!path.endsWith('.ipynb')) return '';
  return JSON.stringify({ cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5 });
}
