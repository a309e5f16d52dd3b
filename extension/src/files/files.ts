/** The room of the file system: `bine:` for the explorer, editors and every other extension. */
import * as vscode from 'vscode';
import type { EditorSettings } from './editor-settings.ts';
import { createContainerPaths } from './container-paths.ts';
import { goToFile } from './go-to-file.ts';
import { type FilesDeps, createFileSystem } from './provider.ts';
import { scheme } from './uri.ts';

export function createFilesRoom(
  deps: FilesDeps,
): vscode.Disposable & { commands: EditorSettings['commands'] & Record<'bine.goToFile', () => Promise<void>> } {
  const fileSystem = createFileSystem(deps);
  const containerPaths = createContainerPaths(deps.projects);
  const tellOpen = () => {
    const folders = vscode.workspace.workspaceFolders ?? [];
    const ours = folders.filter(({ uri }) => uri.scheme === scheme).length;
    void vscode.commands.executeCommand('setContext', 'bine.projectOpen', ours > 0);
    // With another folder beside it, VS Code's own list has files.
    void vscode.commands.executeCommand('setContext', 'bine.onlyProjects', ours > 0 && ours === folders.length);
  };
  tellOpen();
  const disposables = vscode.Disposable.from(
    fileSystem,
    containerPaths,
    vscode.workspace.registerFileSystemProvider(scheme, containerPaths.wrap(fileSystem), { isCaseSensitive: true }),
    vscode.workspace.onDidChangeWorkspaceFolders(tellOpen),
  );
  return {
    commands: { ...fileSystem.editorSettings.commands, 'bine.goToFile': () => goToFile(deps) },
    dispose: () => disposables.dispose(),
  };
}
