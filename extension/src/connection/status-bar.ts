/** The connection at the left of the status bar; a click offers what mends it. */
import * as vscode from 'vscode';
import type { Accounts } from './accounts.ts';
import { addressLabel, isLocal } from './address.ts';
import type { Connection, ConnectionState } from './client.ts';

type Look = { icon: string; text: string; says: string; warn?: true };

const looks: Record<ConnectionState, Look> = {
  connected: { icon: 'pass', text: '', says: 'Connected' },
  connecting: { icon: 'sync~spin', text: 'Connecting…', says: 'Connecting' },
  reconnecting: { icon: 'sync~spin', text: 'Reconnecting…', says: 'Reconnecting; kernels go on, nothing is lost' },
  offline: {
    icon: 'debug-disconnect',
    text: 'Offline',
    says: 'Offline; it reconnects by itself as soon as the gateway answers',
    warn: true,
  },
  'signed-out': { icon: 'account', text: 'Sign In', says: 'Not signed in' },
};

export function createStatusBar(connection: Connection, accounts: Accounts): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('bine.connection', vscode.StatusBarAlignment.Left, 50);
  item.name = 'Bine Connection';
  item.command = 'bine.showConnection';

  const update = () => {
    const look = looks[connection.state];
    const where = connection.address && !isLocal(connection.address) ? `: ${addressLabel(connection.address)}` : '';
    item.text = `$(${look.icon}) Bine${look.text ? `: ${look.text}` : where}`;
    item.tooltip = tooltip(connection, accounts, look);
    item.backgroundColor = look.warn && new vscode.ThemeColor('statusBarItem.warningBackground');
    item.accessibilityInformation = { label: `Bine: ${look.says}${where}`, role: 'button' };
    item.show();
  };
  update();
  return vscode.Disposable.from(item, connection.onDidChangeState(update), accounts.onDidChange(update));
}

function tooltip(connection: Connection, accounts: Accounts, look: Look): vscode.MarkdownString {
  const rows = [
    ['State', look.says],
    ...(connection.address ? [['Gateway', connection.address]] : []),
    ...(accounts.current ? [['Account', accounts.current.user]] : []),
    ...(connection.problem && connection.state !== 'signed-out' ? [['Reason', connection.problem.message]] : []),
  ];
  return new vscode.MarkdownString(
    ['**Bine**', '', '| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n'),
  );
}
