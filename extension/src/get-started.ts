/** The walkthrough: opened by command, and by itself the first time that VS Code has nothing else to show. */
import * as vscode from 'vscode';
import type { Connection } from './connection/client.ts';
import { scheme } from './files/uri.ts';

const walkthrough = 'bine.bine#firstSteps';
const shownKey = 'bine.walkthroughShown';

/** Milliseconds in which a gateway that is there has answered. */
const soon = 5000;

/** Without a step, VS Code opens the first that is not done. */
export async function getStarted(step?: 'project' | 'notebook'): Promise<void> {
  const at = step === undefined ? walkthrough : { category: walkthrough, step: `${walkthrough}#${step}` };
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', at, false);
}

export async function greet(memory: vscode.Memento, connection: Pick<Connection, 'connected' | 'state'>): Promise<void> {
  if (memory.get<boolean>(shownKey, false)) return;
  await memory.update(shownKey, true);
  // "bine code" has started the gateway and opened the project: what is done already is not what to read first.
  await connection.connected(AbortSignal.timeout(soon));
  const open = vscode.window.tabGroups.all.some(({ tabs }) => tabs.length > 0);
  if (open) return;
  const inProject = vscode.workspace.workspaceFolders?.some(({ uri }) => uri.scheme === scheme);
  await getStarted(connection.state !== 'connected' ? undefined : inProject ? 'notebook' : 'project');
}
