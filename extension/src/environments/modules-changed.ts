/** Tells once that a package changed which a running notebook had loaded already. */
import * as vscode from 'vscode';
import { baseName } from '../files/uri.ts';
import type { EnvironmentDeps } from './environments.ts';
import { listed } from './package-rows.ts';

export function tellModulesChanged({ connection, notebooks, environments }: EnvironmentDeps): vscode.Disposable {
  const told = new Set<string>();
  return connection.events.on('kernel.modules-changed', ({ project, data }) => {
    const { kernel, notebook, environment, modules } = data;
    const key = `${kernel} ${modules.join(' ')}`;
    const isSeen = vscode.workspace.notebookDocuments.some((each) => notebooks.sessionOf(each)?.kernel?.id === kernel);
    if (!isSeen || told.has(key)) return;
    told.add(key);
    const title = environments.find(project, environment)?.title ?? environment;
    const name = baseName(notebook ?? '') || 'A kernel';
    void vscode.window
      .showInformationMessage(
        `${listed(modules)} changed in ${title}. ${name} goes on with what it loaded until its kernel restarts.`,
        'Restart Kernel',
      )
      .then((chosen) => chosen && connection.client.kernels.restart({ project, kernel }));
  });
}
