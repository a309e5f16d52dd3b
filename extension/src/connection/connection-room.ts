/** Everything about being connected: the gateway is found, the key kept, the account and the state shown. */
import { readFileSync } from 'node:fs';
import { trustCertificates } from '@bine/client/node/trust';
import * as vscode from 'vscode';
import { type Accounts, createAccounts } from './accounts.ts';
import { type Connection, createConnection } from './client.ts';
import { createFinder } from './find-gateway.ts';
import { createHome } from './home.ts';
import { toProblem } from './problem.ts';
import { type SignInDeps, signIn } from './sign-in.ts';
import { signOut } from './sign-out.ts';
import { showConnection } from './show-connection.ts';
import { createStatusBar } from './status-bar.ts';

export type ConnectionRoom = vscode.Disposable & {
  connection: Connection;
  commands: Record<'bine.signIn' | 'bine.signOut' | 'bine.showConnection', () => Promise<void>>;
};

export function createConnectionRoom(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): ConnectionRoom {
  const home = createHome(({ message }) => log.warn(`What the gateway of this machine left cannot be read: ${message}`));
  const commands: ConnectionRoom['commands'] = {
    'bine.signIn': () => signIn(deps),
    'bine.signOut': () => signOut(deps),
    'bine.showConnection': () => showConnection(deps),
  };
  const accounts = createAccounts(context, { signIn: commands['bine.signIn'], signOut: commands['bine.signOut'] });
  const finder = createFinder({
    readHome: home.read,
    trust: (certificate) =>
      trustCertificates(certificate) || log.warn('This editor cannot be told to trust a certificate: set NODE_EXTRA_CA_CERTS.'),
    setting: () => vscode.workspace.getConfiguration('bine').get<string>('gateway', ''),
    storedKey: accounts.storedKey,
    silent: accounts.silent,
  });
  trustFile(log);
  const connection = createConnection({ find: finder.find, log });
  const deps: SignInDeps = { connection, accounts, finder };

  const disposables = vscode.Disposable.from(
    home,
    accounts,
    connection,
    createStatusBar(connection, accounts),
    followState({ connection, accounts, finder }, log),
    home.onDidChange(() => connection.poke()),
    accounts.onDidChangeKeys(() => connection.restart()),
    vscode.window.onDidChangeWindowState(({ focused }) => focused && connection.poke()),
    vscode.workspace.onDidChangeConfiguration((change) => change.affectsConfiguration('bine.gateway') && connection.restart()),
  );
  return { connection, commands, dispose: () => disposables.dispose() };
}

/** The file of the setting `bine.certificateFile`. */
function trustFile(log: vscode.LogOutputChannel): void {
  const file = vscode.workspace.getConfiguration('bine').get<string>('certificateFile', '');
  if (!file) return;
  try {
    trustCertificates(readFileSync(file, 'utf8'));
  } catch (error) {
    log.error(`The file of the setting bine.certificateFile cannot be used: ${(error as Error).message}`);
  }
}

/** Keeps the context key `bine.connection` and the account in step with the connection. */
function followState({ connection, accounts, finder }: SignInDeps, log: vscode.LogOutputChannel): vscode.Disposable {
  const show = async () => {
    // After a sign-out no address is known, but there may be a gateway all the same.
    const isNone = connection.state === 'signed-out' && connection.address === null && !(await finder.isThere());
    await vscode.commands.executeCommand('setContext', 'bine.connection', isNone ? 'none' : connection.state);
  };
  const update = () => {
    void show();
    if (connection.state === 'connected') void identify(connection, accounts, log);
    if (connection.state === 'signed-out') accounts.show(null);
  };
  update();
  return connection.onDidChangeState(update);
}

async function identify(connection: Connection, accounts: Accounts, log: vscode.LogOutputChannel): Promise<void> {
  const address = connection.address;
  if (!address) return;
  try {
    const { user } = await connection.client.access.me({});
    accounts.show({ address, user: user.name });
  } catch (error) {
    const problem = toProblem(error);
    log.debug(`whose key this is: ${problem.message}`);
    // A key without the scope "keys:read" works all the same.
    if (problem.code === 'missing-scope') accounts.show({ address, user: 'API key' });
  }
}
