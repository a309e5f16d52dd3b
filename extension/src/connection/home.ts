/** Reads what a gateway on this machine leaves in its home, through VS Code, so that it works wherever the extension runs. */
import * as vscode from 'vscode';
import { defaultHome } from './find-gateway.ts';

export type Home = vscode.Disposable & {
  read(this: void, name: string): Promise<string | null>;
  /** The gateway started, stopped, or moved. */
  readonly onDidChange: vscode.Event<void>;
};

/** `onUnreadable` hears of a file that is there, most often another user's. */
export function createHome(onUnreadable: (error: Error) => void): Home {
  const path = defaultHome(typeof process === 'undefined' ? {} : process.env);
  const folder = path === null ? null : vscode.Uri.file(path);
  const changed = new vscode.EventEmitter<void>();
  const watcher = folder && vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, 'gateway.json'));
  const fire = () => changed.fire();
  const disposables = vscode.Disposable.from(changed, ...(watcher ? [watcher, watcher.onDidCreate(fire), watcher.onDidChange(fire)] : []));
  return {
    onDidChange: changed.event,
    async read(name) {
      if (!folder) return null;
      try {
        return new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, name)));
      } catch (error) {
        // Most often it is not there: no gateway runs on this machine.
        if ((error as vscode.FileSystemError).code !== 'FileNotFound') onUnreadable(error as Error);
        return null;
      }
    },
    dispose: () => disposables.dispose(),
  };
}
