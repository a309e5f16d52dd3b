/** What menus ask about repositories, as context keys. */
import * as vscode from 'vscode';
import type { Repositories } from './repositories.ts';

export function createMenuKeys(repositories: Repositories): vscode.Disposable {
  const told = new Map<string, string>();
  function tell(key: string, value: unknown): void {
    const text = JSON.stringify(value) ?? '';
    if (told.get(key) === text) return;
    told.set(key, text);
    void vscode.commands.executeCommand('setContext', key, value);
  }

  function update(): void {
    const { all } = repositories;
    const rootsOf = (found: typeof all) => (found.length > 0 ? found.map(({ root }) => root.toString()) : undefined);
    const underway = all.filter(({ status }) => status?.underway);
    const path = vscode.window.activeTextEditor?.document.uri.path;
    const changed = all.some(({ resources }) =>
      resources.some(({ group, file, resourceUri }) => group === 'workingTree' && file.status === 'modified' && resourceUri.path === path),
    );
    tell('bine.repositoryOpen', all.length > 0);
    // Menus look for their own repository in it.
    tell('bine.underway', rootsOf(underway));
    // A merge is one commit, which cannot be left out.
    tell('bine.skippable', rootsOf(underway.filter(({ status }) => status?.underway !== 'merge')));
    tell('bine.activeFileChanged', changed);
  }

  update();
  return vscode.Disposable.from(repositories.onDidChange(update), vscode.window.onDidChangeActiveTextEditor(update));
}
