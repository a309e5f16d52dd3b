/** Commits what is staged, under the message in the box. */
import type { GitStatus } from '@bine/shared';
import * as vscode from 'vscode';
import { scheme, uriPath } from '../files/uri.ts';
import { askText, cancelled } from '../vs/ask.ts';
import type { GitDeps } from './git.ts';
import { mending } from './mend.ts';
import { allowingMarkers } from './proceed.ts';
import type { Repository } from './repository.ts';
import { within } from './words.ts';

export async function commit(deps: GitDeps, repository: Repository, amend = false): Promise<void> {
  const { connection } = deps;
  const box = repository.sourceControl.inputBox;
  await saveFirst(repository);
  // What was saved or staged just now counts, too.
  await repository.during(() => repository.refresh());
  const all = amend ? false : await takesAll(repository);
  const message = await messageOf(deps, repository, amend);
  await mending({ connection, title: 'Commit', repository }, () =>
    allowingMarkers((allowConflictMarkers) =>
      repository.during(() => connection.client.git.commit({ ...repository.at, message, amend, all, allowConflictMarkers })),
    ),
  );
  box.value = '';
  await repository.refresh();
}

/** Whether everything is to be committed, because nothing is staged. @throws Problem cancelled */
async function takesAll({ status }: Repository): Promise<boolean> {
  if (!status || status.staged.length > 0 || status.conflicts.length > 0) return false;
  const changes = status.changes.length + status.untracked.length;
  if (changes === 0) {
    // A merge may end with what was there before.
    if (status.underway) return false;
    void vscode.window.showInformationMessage('There is nothing to commit: no file was changed.');
    throw cancelled();
  }
  const settings = vscode.workspace.getConfiguration('bine.git');
  const setting = settings.get<'ask' | 'always' | 'never'>('stageAll', 'ask');
  if (setting === 'always') return true;
  if (setting === 'never') {
    void vscode.window.showInformationMessage('Nothing is staged. Stage what is to be committed with + beside a file.');
    throw cancelled();
  }
  const answer = await vscode.window.showWarningMessage(
    'Nothing is staged. Commit all changes?',
    { modal: true, detail: allOf(status) },
    'Commit All',
    'Always',
  );
  if (!answer) throw cancelled();
  if (answer === 'Always') await settings.update('stageAll', 'always', vscode.ConfigurationTarget.Global);
  return true;
}

function allOf({ changes, untracked }: Pick<GitStatus, 'changes' | 'untracked'>): string {
  const count = changes.length + untracked.length;
  const files = count === 1 ? '1 file' : `${count} files`;
  if (untracked.length === 0) return `${files}.`;
  return untracked.length === count ? `${files}, new.` : `${files}, ${untracked.length} of them new.`;
}

/** @throws Problem cancelled */
async function messageOf({ connection }: GitDeps, { sourceControl, status, at }: Repository, amend: boolean): Promise<string> {
  const typed = sourceControl.inputBox.value.trim();
  if (typed) return typed;
  // Amended with what is staged, a commit keeps its message.
  if (amend && status && status.staged.length > 0) return '';
  const [last] = amend ? await connection.client.git.log({ ...at, limit: 1 }) : [];
  const message = await askText({
    title: amend ? 'Amend Last Commit' : 'Commit',
    prompt: 'Message: what the commit does',
    placeholder: status?.branch ? `Message (Enter to commit on "${status.branch}")` : 'Message',
    ...(last && { value: last.subject }),
    problem: (text) => (text.trim() ? undefined : 'Type a message.'),
  });
  // The rest of a message that was only looked at stays.
  return last && message === last.subject ? [last.subject, last.body].filter(Boolean).join('\n\n') : message;
}

/** Git sees what is on the disk. @throws Problem cancelled */
async function saveFirst({ project, path }: Repository): Promise<void> {
  const folder = uriPath({ project, path });
  const { textDocuments, notebookDocuments } = vscode.workspace;
  const unsaved = [...textDocuments, ...notebookDocuments].filter(
    ({ isDirty, uri }) => isDirty && uri.scheme === scheme && within(folder, uri.path) !== null,
  );
  if (unsaved.length === 0) return;
  const what = unsaved.length === 1 ? '1 file is' : `${unsaved.length} files are`;
  const detail = 'A commit has what is saved.';
  const answer = await vscode.window.showWarningMessage(`${what} not saved.`, { modal: true, detail }, 'Save and Commit', 'Commit Without');
  if (!answer) throw cancelled();
  if (answer === 'Save and Commit') await Promise.all(unsaved.map((document) => document.save()));
}
