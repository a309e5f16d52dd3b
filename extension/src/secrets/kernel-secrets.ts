/** The secrets that kernels of notebooks get, as chosen for each project and remembered. */
import type { SecretUse } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { cancelled } from '../vs/ask.ts';
import { secretChoices, secretsFor } from './choose.ts';
import { manageSecrets } from './manage.ts';

export type KernelSecrets = ReturnType<typeof createKernelSecrets>;

const key = 'bine.secrets.kernels';

export function createKernelSecrets(state: vscode.Memento) {
  const all = () => state.get<Record<string, SecretUse[]>>(key, {});
  return {
    of: (project: string): SecretUse[] => all()[project] ?? [],
    remember: (project: string, uses: SecretUse[]) => state.update(key, { ...all(), [project]: uses }),
  };
}

export async function chooseKernelSecrets(connection: Pick<Connection, 'client'>, kernels: KernelSecrets, project: string): Promise<void> {
  const choices = secretChoices(await secretsFor(connection.client, project), kernels.of(project));
  if (choices.length === 0) return manageSecrets(connection, project);
  const chosen = await vscode.window.showQuickPick(choices, {
    title: `Secrets for Kernels in ${project}`,
    placeHolder: 'Which secrets do the kernels of your notebooks get?',
    canPickMany: true,
    ignoreFocusOut: true,
  });
  if (!chosen) throw cancelled();
  await kernels.remember(
    project,
    chosen.map(({ use }) => use),
  );
  void vscode.window.showInformationMessage(
    'Kernels that start from now on get them. Shut a running kernel down, and run a cell, to have them in its notebook.',
  );
}
