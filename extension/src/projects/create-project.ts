/** `Bine: Create Project…`: one question, and the project is there. */
import { projectName } from '@bine/shared/names';
import * as vscode from 'vscode';
import { askText } from '../vs/ask.ts';
import { addToWorkspace, hasFolders, openProject } from './open-project.ts';
import type { ProjectDeps } from './projects.ts';

export async function createProject(deps: ProjectDeps): Promise<void> {
  const taken = new Set((await deps.projects.list()).map(({ name }) => name));
  const name = await askText({
    title: 'Create Project',
    prompt: 'Name of the project. Its files, kernels and members belong to it.',
    placeholder: 'churn-prediction',
    problem: (text) => nameProblem(text, taken),
  });
  await deps.connection.client.projects.create({ name });
  await deps.projects.refresh();
  await deps.reveal(name);
  if (!hasFolders()) return openProject({ name }, false);
  // A second window would cover what one is at.
  const answer = vscode.window.showInformationMessage(`The project "${name}" was created.`, 'Open in New Window', 'Add to This Window');
  void answer.then((chosen) => {
    if (chosen === 'Open in New Window') return openProject({ name }, true);
    return chosen && addToWorkspace({ name });
  });
}

/** Why `name` cannot be the name of a new project; undefined when it can. */
export function nameProblem(name: string, taken: ReadonlySet<string>): string | undefined {
  if (!name) return 'Type a name.';
  if (!projectName.pattern.test(name)) return `In the name of a project ${projectName.hint}.`;
  if (taken.has(name)) return `There is a project "${name}" already.`;
  return undefined;
}
