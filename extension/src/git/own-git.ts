/**
 * VS Code's own Git offers to initialize and to publish whatever folder is open. It can do neither with a project, for which
 * Source Control would have two buttons of one name.
 */
import * as vscode from 'vscode';
import { onlyProjects } from '../projects/open-project.ts';

/** What it offers, it offers where this context key of it is zero or more. */
const key = 'git.parentRepositoryCount';

export function createOwnGit(): vscode.Disposable {
  let silent = false;

  async function follow(): Promise<void> {
    if (onlyProjects() === silent) return;
    silent = onlyProjects();
    // It sets its keys when it begins.
    await vscode.extensions.getExtension('vscode.git')?.activate();
    await vscode.commands.executeCommand('setContext', key, silent ? -1 : 0);
  }

  void follow();
  return vscode.workspace.onDidChangeWorkspaceFolders(() => void follow());
}
