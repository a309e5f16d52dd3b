/** Files that a log mentions can be clicked: of the project, or of the folder that the snapshot was taken of. */
import type { JobExecution } from '@bine/shared';
import * as vscode from 'vscode';
import { scheme, uriPath } from '../files/uri.ts';
import { type Mention, findMentions } from './locate.ts';
import type { LogTerminals } from './log-terminal.ts';

type Link = vscode.TerminalLink & { uri: vscode.Uri; mention: Mention };

/** `originOf`: the folder that a snapshot was taken of, if it was taken here. */
export function createLogLinks(logs: LogTerminals, originOf: (snapshot: string) => vscode.Uri | undefined): vscode.Disposable {
  function locate(execution: JobExecution, { inside, path }: Mention): vscode.Uri | undefined {
    if (inside === 'project') return vscode.Uri.from({ scheme, path: uriPath({ project: execution.project, path }) });
    const origin = originOf(execution.inputs.snapshot ?? '');
    return origin && vscode.Uri.joinPath(origin, path);
  }

  const provider: vscode.TerminalLinkProvider<Link> = {
    provideTerminalLinks({ line, terminal }) {
      const execution = logs.executionOf(terminal);
      if (!execution) return [];
      return findMentions(line).flatMap((mention) => {
        const uri = locate(execution, mention);
        const { start: startIndex, length } = mention;
        return uri ? [{ startIndex, length, tooltip: `Open ${mention.path}, line ${mention.line}`, uri, mention }] : [];
      });
    },
    async handleTerminalLink({ uri, mention: { line, column } }) {
      const at = new vscode.Position(line - 1, column - 1);
      await vscode.commands.executeCommand('vscode.open', uri, {
        selection: new vscode.Range(at, at),
      } satisfies vscode.TextDocumentShowOptions);
    },
  };
  return vscode.window.registerTerminalLinkProvider(provider);
}
