/** The walkthrough: opened by command, and by itself the first time that VS Code has nothing else to show. */
import * as vscode from 'vscode';

const walkthrough = 'bine.bine#firstSteps';
const shownKey = 'bine.walkthroughShown';

export async function getStarted(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.openWalkthrough', walkthrough, false);
}

export async function greet(memory: vscode.Memento): Promise<void> {
  if (memory.get<boolean>(shownKey, false)) return;
  await memory.update(shownKey, true);
  const open = vscode.window.tabGroups.all.some(({ tabs }) => tabs.length > 0);
  if (!open) await getStarted();
}
