/** Opens a project as a folder of the window. */
import * as vscode from 'vscode';
import { placeOf, scheme, uriPath } from '../files/uri.ts';

type Named = { name: string };

export function projectUri({ name }: Named): vscode.Uri {
  return vscode.Uri.from({ scheme, path: uriPath({ project: name, path: '' }) });
}

/** In this window when nothing is open in it, else in a new one. */
export async function openProject(project: Named, newWindow = hasFolders()): Promise<void> {
  await vscode.commands.executeCommand('vscode.openFolder', projectUri(project), {
    forceNewWindow: newWindow,
    forceReuseWindow: !newWindow,
  });
}

/** Beside what is open. VS Code turns the window into a workspace of several folders. */
export function addToWorkspace(project: Named): void {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const uri = projectUri(project);
  if (folders.some((folder) => folder.uri.toString() === uri.toString())) return;
  vscode.workspace.updateWorkspaceFolders(folders.length, 0, { uri, name: project.name });
}

/** Whether it is a folder of this window. */
export function isOpenHere(project: string): boolean {
  return (vscode.workspace.workspaceFolders ?? []).some(({ uri }) => uri.scheme === scheme && placeOf(uri)?.project === project);
}

/** Whether every folder of this window is a project, or in one. */
export function onlyProjects(): boolean {
  return hasFolders() && vscode.workspace.workspaceFolders!.every(({ uri }) => uri.scheme === scheme);
}

export function hasFolders(): boolean {
  return (vscode.workspace.workspaceFolders?.length ?? 0) > 0;
}
