/** The walkthrough: opened by command, and by itself the first time that VS Code has nothing else to show. */
import * as vscode from 'vscode';
import type { Connection } from './connection/client.ts';
import { scheme } from './files/uri.ts';
import { type Kernels, isRunning } from './kernels/store.ts';

const walkthrough = 'bine.bine#firstSteps';
const shownKey = 'bine.walkthroughShown';

/** Milliseconds in which a gateway that is there has answered. */
const soon = 5000;

type Step = 'project' | 'notebook';

export type GetStarted = vscode.Disposable & {
  /** Without a step, VS Code opens the first that is not done. */
  show(this: void, step?: Step): Promise<void>;
  /** The first time only. */
  greet(this: void, memory: vscode.Memento): Promise<void>;
};

export type GetStartedDeps = { connection: Connection; kernels: Kernels };

export function createGetStarted({ connection, kernels }: GetStartedDeps): GetStarted {
  /** What the steps of the walkthrough wait for, by their context keys in package.json. */
  const facts = {
    'bine.did.connect': () => connection.state === 'connected',
    'bine.did.openProject': () => inProject(),
    'bine.did.runKernel': () => (kernels.all ?? []).some(isRunning),
  };
  /** A step whose key is set before VS Code has read the walkthrough is never ticked. */
  let shown = false;
  const tell = () => {
    if (!shown) return;
    for (const [key, holds] of Object.entries(facts)) if (holds()) void vscode.commands.executeCommand('setContext', key, true);
  };
  const disposables = vscode.Disposable.from(
    connection.onDidChangeState(tell),
    kernels.onDidChange(tell),
    vscode.workspace.onDidChangeWorkspaceFolders(tell),
  );

  async function show(step?: Step): Promise<void> {
    await vscode.commands.executeCommand(
      'workbench.action.openWalkthrough',
      step === undefined ? walkthrough : { category: walkthrough, step },
      false,
    );
    // Opened as a preview, the first file that is clicked would take its place.
    await vscode.commands.executeCommand('workbench.action.keepEditor');
    shown = true;
    tell();
  }

  return {
    show,
    async greet(memory) {
      if (memory.get<boolean>(shownKey, false)) return;
      await memory.update(shownKey, true);
      // "bine code" has started the gateway and opened the project: what is done already is not what to read first.
      await connection.connected(AbortSignal.timeout(soon));
      const open = vscode.window.tabGroups.all.some(({ tabs }) => tabs.length > 0);
      if (open) return;
      await show(connection.state !== 'connected' ? undefined : inProject() ? 'notebook' : 'project');
    },
    dispose: () => disposables.dispose(),
  };
}

function inProject(): boolean {
  return (vscode.workspace.workspaceFolders ?? []).some(({ uri }) => uri.scheme === scheme);
}
