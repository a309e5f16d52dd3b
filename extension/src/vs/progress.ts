/** Long things with a notification that can be cancelled, and short ones with a word in the status bar. */
import type { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';

export type Report = (message: string, fraction?: number) => void;

/** Shows a notification with a Cancel button until `work` ends. `fraction` is between 0 and 1, of the whole. */
export function withProgress<T>(title: string, work: (signal: AbortSignal, report: Report) => Promise<T>): Thenable<T> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, (progress, token) => {
    let shown = 0;
    return work(signalOf(token), (message, fraction) => {
      const percent = Math.floor((fraction ?? 0) * 100);
      progress.report(fraction === undefined ? { message } : { message, increment: percent - shown });
      if (fraction !== undefined) shown = percent;
    });
  });
}

/** For things of a second or two. */
export function briefly<T>(title: string, work: () => Promise<T>): Thenable<T> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: `Bine: ${title}` }, work);
}

/** What the user cancelled could not be, and goes on. */
export function tellUncancelled(title: string): (problem: Problem) => void {
  return ({ message }) => void vscode.window.showErrorMessage(`${title} could not be cancelled and goes on: ${message}`);
}

function signalOf(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
