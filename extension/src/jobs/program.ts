/** The program that is meant: a file of a project, or one of a local folder, which then goes along as it is seen. */
import { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import { baseName, placeOf, scheme } from '../files/uri.ts';
import { type Node, placeOfNode } from '../projects/nodes.ts';
import { projectUri } from '../projects/open-project.ts';

/** `path` is relative to the project's folder, or to `root`. */
export type Program = {
  uri: vscode.Uri;
  path: string;
  name: string;
  isNotebook: boolean;
  place: { project: string } | { root: vscode.Uri };
};

/** Explorer and titles hand over URIs, a notebook's toolbar its editor, the view of projects its node; the palette nothing. */
export type Clicked = vscode.Uri | { notebookEditor?: { notebookUri?: vscode.Uri } } | Node | undefined;

/** Those selected together, the one clicked, or the one being edited. @throws Problem when it cannot be run */
export function programsOf(clicked: Clicked, selected?: unknown): Program[] {
  const several = Array.isArray(selected) ? (selected as Clicked[]).map(uriOf).filter((uri) => uri !== undefined) : [];
  const one = uriOf(clicked) ?? activeUri();
  const uris = several.length > 1 ? several.filter(isProgram) : one ? [one] : [];
  if (uris.length === 0) throw new Problem('bad-request', 'Open a .py or .ipynb file first, or right-click one in the explorer.');
  return uris.map(programOf);
}

function uriOf(clicked: Clicked): vscode.Uri | undefined {
  if (clicked instanceof vscode.Uri) return clicked;
  if (!clicked) return undefined;
  if ('kind' in clicked) return vscode.Uri.joinPath(projectUri(clicked.project), placeOfNode(clicked).path);
  return clicked.notebookEditor?.notebookUri;
}

function activeUri(): vscode.Uri | undefined {
  return vscode.window.activeNotebookEditor?.notebook.uri ?? vscode.window.activeTextEditor?.document.uri;
}

const isProgram = (uri: vscode.Uri) => /\.(py|ipynb)$/.test(uri.path);

export function programOf(uri: vscode.Uri): Program {
  const name = baseName(uri.path);
  if (uri.scheme === 'untitled') throw new Problem('bad-request', `Save "${name}" first, so that it has a name and a folder.`);
  if (!isProgram(uri)) throw new Problem('bad-request', `"${name}" is not a .py or .ipynb file; those can be run as jobs.`);
  const known = { uri, name, isNotebook: uri.path.endsWith('.ipynb') };
  if (uri.scheme === scheme) {
    const { project, path } = placeOf(uri)!;
    return { ...known, path, place: { project } };
  }
  const root = vscode.workspace.getWorkspaceFolder(uri)?.uri ?? vscode.Uri.joinPath(uri, '..');
  return { ...known, path: uri.path.slice(root.path.replace(/\/$/, '').length + 1), place: { root } };
}
