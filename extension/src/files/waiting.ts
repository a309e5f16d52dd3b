/** A save waits for a gateway that is away. It says so, and can be given up: VS Code shows the file as not saved then. */
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';

/** `doing` as in "Saving train.py". */
export async function tellingWait<T>(
  connection: Pick<Connection, 'state' | 'onDidChangeState'>,
  doing: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const giveUp = new AbortController();
  const result = work(giveUp.signal);
  const ended = result.then(
    () => undefined,
    () => undefined,
  );
  let told = false;
  const look = () => {
    if (told || connection.state === 'connected') return;
    told = true;
    const options = { location: vscode.ProgressLocation.Notification, title: `${doing} waits for the gateway`, cancellable: true };
    void vscode.window.withProgress(options, (_, token) => {
      token.onCancellationRequested(() => giveUp.abort());
      return ended;
    });
  };
  look();
  const subscription = connection.onDidChangeState(look);
  return result.finally(() => subscription.dispose());
}
