/** The room of the file system: `bine:` for the explorer, editors and every other extension. */
import * as vscode from 'vscode';
import type { EditorSettings } from './editor-settings.ts';
import { createContainerPaths } from './container-paths.ts';
import { findInProject } from './find-in-project.ts';
import { goToFile } from './go-to-file.ts';
import { type FilesDeps, createFileSystem } from './provider.ts';
import { onlyProjects } from '../projects/open-project.ts';
import { scheme } from './uri.ts';

export function createFilesRoom(
  deps: FilesDeps,
): vscode.Disposable & { commands: EditorSettings['commands'] & Record<'bine.goToFile' | 'bine.findInProject', () => Promise<void>> } {
  const fileSystem = createFileSystem(deps);
  const containerPaths = createContainerPaths(deps.projects);
  const tellOpen = () => {
    const ours = (vscode.workspace.workspaceFolders ?? []).some(({ uri }) => uri.scheme === scheme);
    void vscode.commands.executeCommand('setContext', 'bine.projectOpen', ours);
    // With another folder beside it, VS Code's own list has files.
    void vscode.commands.executeCommand('setContext', 'bine.onlyProjects', onlyProjects());
  };
  tellOpen();
  const disposables = vscode.Disposable.from(
    fileSystem,
    containerPaths,
    vscode.workspace.registerFileSystemProvider(scheme, containerPaths.wrap(fileSystem), { isCaseSensitive: true }),
    vscode.workspace.onDidChangeWorkspaceFolders(tellOpen),
  );
  return {
    commands: {
      ...fileSystem.editorSettings.commands,
      'bine.goToFile': () => goToFile(deps),
      'bine.findInProject': () => findInProject(deps),
    },
    dispose: () => disposables.dispose(),
  };
}
