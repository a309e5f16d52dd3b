/** Composes the extension: every room is made here, and handed what it needs and no more. */
import * as vscode from 'vscode';

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('Bine', { log: true });
  context.subscriptions.push(log);
}
