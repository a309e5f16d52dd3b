/** What happens in projects' folders, as the events that the explorer and open editors act on. */
import * as vscode from 'vscode';
import { placeOf, scheme, uriPath } from './uri.ts';
import type { Watching } from './watching.ts';

const types = {
  created: vscode.FileChangeType.Created,
  changed: vscode.FileChangeType.Changed,
  deleted: vscode.FileChangeType.Deleted,
};

export function changesOf(watching: Watching): vscode.Event<vscode.FileChangeEvent[]> {
  return (listener, self, disposables) => {
    const tell = (changes: vscode.FileChangeEvent[]) => {
      listener.call(self, changes);
    };
    return watching.onDidChange(
      ({ project, changes }) =>
        tell(
          changes.flatMap(({ type, path }) => {
            if (type === 'reset') return everythingShown(project);
            return { type: types[type], uri: vscode.Uri.from({ scheme, path: uriPath({ project, path }) }) };
          }),
        ),
      undefined,
      disposables,
    );
  };
}

/** Changes may have been missed: the explorer looks again, and so does every open editor of the project. */
function everythingShown(project: string): vscode.FileChangeEvent[] {
  void vscode.commands.executeCommand('workbench.files.action.refreshFilesExplorer');
  return [...vscode.workspace.textDocuments, ...vscode.workspace.notebookDocuments]
    .map(({ uri }) => uri)
    .filter((uri) => uri.scheme === scheme && placeOf(uri)?.project === project)
    .map((uri) => ({ type: vscode.FileChangeType.Changed, uri }));
}
