/** A click on the status bar: how the connection is, and what one can do about it. */
import * as vscode from 'vscode';
import { type Choice, pick } from '../vs/ask.ts';
import type { SignInDeps } from './sign-in.ts';

type Action = () => unknown;

export async function showConnection({ connection, accounts }: SignInDeps): Promise<void> {
  const command = (id: string) => () => vscode.commands.executeCommand(id);
  const connected = connection.state === 'connected';
  const signedOut = connection.state === 'signed-out';
  const choices: Choice<Action>[] = [
    ...(connected || signedOut ? [] : [tryAgain(connection)]),
    ...(signedOut && !connection.address
      ? [choice('terminal', 'Start a gateway on this machine', 'Run "bine up" in the folder of Bine', command('bine.getStarted'))]
      : []),
    choice('sign-in', signedOut ? 'Sign in…' : 'Sign in to another gateway…', undefined, command('bine.signIn')),
    ...(signedOut ? [] : [choice('sign-out', 'Sign out', accounts.current?.user, command('bine.signOut'))]),
    ...(connected ? [choice('key', 'Create API key…', 'For a colleague, a script or another machine', command('bine.createApiKey'))] : []),
    choice('output', 'Show log', undefined, command('bine.showLog')),
  ];
  const where = connection.address ? ` to ${connection.address}` : '';
  const title = connected ? `Bine: connected${where}` : `Bine: ${signedOut ? 'not signed in' : connection.state}${where}`;
  const action = await pick<Action>(choices, { title });
  await action();
}

/** Below it, because beside it a sentence is cut. */
function tryAgain(connection: SignInDeps['connection']): Choice<Action> {
  const detail = connection.problem?.message;
  return { ...choice('sync', 'Try again now', undefined, () => connection.poke()), ...(detail && { detail }) };
}

function choice(icon: string, label: string, description: string | undefined, value: Action): Choice<Action> {
  return { label: `$(${icon}) ${label}`, ...(description && { description }), value };
}
