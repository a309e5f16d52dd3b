/** Files in conflict: said when there are some, and settled above their marks, as VS Code's own lenses do only for files of this machine. */
import * as vscode from 'vscode';
import { scheme } from '../files/uri.ts';
import { cancelled } from '../vs/ask.ts';
import { type Conflict, type Side, conflictsIn, settled } from './conflict-marks.ts';
import type { Repositories } from './repositories.ts';
import type { Repository } from './repository.ts';

/** Where `work` leaves conflicts, that is not an error: it says what to do. @throws Problem of the work, or `cancelled` after it was said */
export async function watchingConflicts(title: string, repository: Repository, work: () => Promise<unknown>): Promise<void> {
  const before = repository.status?.conflicts.length ?? 0;
  let failure: unknown;
  try {
    await work();
  } catch (error) {
    failure = error;
  }
  await repository.refresh();
  const count = repository.status?.conflicts.length ?? 0;
  if (count > before) {
    tell(
      `${title}: ${count === 1 ? '1 file is' : `${count} files are`} in conflict. Settle, stage and commit ${count === 1 ? 'it' : 'them'}.`,
    );
    throw cancelled();
  }
  if (failure !== undefined) throw failure;
}

/** Without a button, since one would keep it there after all was settled. */
function tell(message: string): void {
  void vscode.commands.executeCommand('workbench.view.scm');
  void vscode.window.showWarningMessage(message);
}

const sides: [Side, string][] = [
  ['current', 'Accept Current Change'],
  ['incoming', 'Accept Incoming Change'],
  ['both', 'Accept Both Changes'],
];

export function createConflictLenses(repositories: Repositories): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const inConflict = (uri: vscode.Uri) =>
    repositories.of(uri)?.resources.some((each) => each.group === 'merge' && each.resourceUri.path === uri.path) ?? false;
  return vscode.Disposable.from(
    changed,
    repositories.onDidChange(() => changed.fire()),
    vscode.languages.registerCodeLensProvider(
      { scheme },
      {
        onDidChangeCodeLenses: changed.event,
        provideCodeLenses: (document) =>
          inConflict(document.uri)
            ? conflictsIn(linesOf(document)).flatMap(({ start }) =>
                sides.map(([side, title]) => {
                  const range = new vscode.Range(start, 0, start, 0);
                  return new vscode.CodeLens(range, { command: 'bine.settleConflict', title, arguments: [document.uri, start, side] });
                }),
              )
            : [],
      },
    ),
  );
}

export async function settleConflict(uri: vscode.Uri, start: number, side: Side): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const lines = linesOf(document);
  // It may have been settled by hand since.
  const conflict = conflictsIn(lines).find((each) => each.start === start);
  if (!conflict) return;
  const edit = new vscode.WorkspaceEdit();
  const text = settled(lines, conflict, side).map((line) => `${line}\n`);
  edit.replace(uri, rangeOf(document, conflict), text.join(''));
  await vscode.workspace.applyEdit(edit);
}

function rangeOf(document: vscode.TextDocument, { start, end }: Conflict): vscode.Range {
  return new vscode.Range(new vscode.Position(start, 0), document.lineAt(end).rangeIncludingLineBreak.end);
}

function linesOf(document: vscode.TextDocument): string[] {
  return document.getText().split(/\r?\n/);
}
