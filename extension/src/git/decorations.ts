/** The letters and colours of changed files, in the explorer, in tabs and in Source Control. */
import * as vscode from 'vscode';
import type { Repositories } from './repositories.ts';
import { markOf } from './words.ts';

export function createDecorations(repositories: Repositories): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri[]>();
  let marks = new Map<string, { uri: vscode.Uri; key: string; decoration: vscode.FileDecoration }>();

  function update(): void {
    const next: typeof marks = new Map();
    // A file that is staged and changed again has the mark of the latter, as groups come in that order; one in conflict, that of the conflict.
    for (const { group, file, resourceUri: uri } of repositories.all.flatMap(({ resources }) => [...resources])) {
      if (next.has(uri.toString()) && next.get(uri.toString())!.key.startsWith('merge')) continue;
      const { letter, tooltip, color, struck } = markOf(file, group);
      const decoration = new vscode.FileDecoration(letter, tooltip, new vscode.ThemeColor(color));
      // A folder is not marked for what is no longer in it.
      decoration.propagate = !struck;
      next.set(uri.toString(), { uri, key: `${group} ${file.status} ${file.from ?? ''}`, decoration });
    }
    const differing = [...new Set([...marks.keys(), ...next.keys()])].filter((key) => marks.get(key)?.key !== next.get(key)?.key);
    const uris = differing.map((key) => (next.get(key) ?? marks.get(key))!.uri);
    marks = next;
    if (uris.length > 0) changed.fire(uris);
  }

  return vscode.Disposable.from(
    changed,
    repositories.onDidChange(update),
    vscode.window.registerFileDecorationProvider({
      onDidChangeFileDecorations: changed.event,
      provideFileDecoration: (uri) => marks.get(uri.toString())?.decoration,
    }),
  );
}
