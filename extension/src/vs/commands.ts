/** Registers commands, and is the one place where what they throw is caught and told. */
import type { Problem } from '@bine/shared/problems';
import * as vscode from 'vscode';
import { type CommandId, commands } from '../commands.ts';
import { toProblem } from '../connection/problem.ts';

export type Handler = (...args: never[]) => unknown;

export function registerCommands<Id extends CommandId>(handlers: Record<Id, Handler>, log: vscode.LogOutputChannel): vscode.Disposable {
  const registered = (Object.entries(handlers) as [Id, Handler][]).map(([id, handler]) =>
    vscode.commands.registerCommand(id, async (...args: never[]) => {
      try {
        return await handler(...args);
      } catch (error) {
        tell(commands[id].title.replace('…', ''), error, log);
        return undefined;
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}

/** Says what went wrong with `doing`, and offers what may mend it. A cancelled thing is not an error. */
export function tell(doing: string, error: unknown, log: vscode.LogOutputChannel): void {
  const problem = toProblem(error);
  if (problem.code === 'cancelled' || error instanceof vscode.CancellationError) return;
  log.error(`${doing}: ${problem.code}: ${problem.message}`, problem.cause ?? '');
  const mend = remedies[problem.code] ?? (inLog.has(problem.code) ? 'bine.showLog' : null);
  const actions = mend ? [commands[mend].title] : [];
  void vscode.window
    .showErrorMessage(`${doing}: ${problem.message}`, ...actions)
    .then((chosen) => (chosen && mend ? vscode.commands.executeCommand(mend) : undefined));
}

/** More than the message says is in the log. What the user can mend himself is said in full. */
const inLog = new Set<Problem['code']>([
  'internal',
  'build-failed',
  'git-failed',
  'git-unavailable',
  'engine-unavailable',
  'index-unavailable',
]);

const remedies: Partial<Record<Problem['code'], CommandId>> = {
  'no-key': 'bine.signIn',
  'bad-key': 'bine.signIn',
  'missing-scope': 'bine.signIn',
  timeout: 'bine.showConnection',
};
