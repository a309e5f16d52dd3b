/** `Bine: Initialize Repository…`: an empty repository in a folder of a project, with all that is there as new. */
import * as vscode from 'vscode';
import { type Place, baseName } from '../files/uri.ts';
import { isOpenHere, openProject } from '../projects/open-project.ts';
import { cancelled } from '../vs/ask.ts';
import { briefly } from '../vs/progress.ts';
import { askProject, onlyPlace } from './check-out.ts';
import type { GitDeps } from './git.ts';

const title = 'Initialize Repository';

/** `given`: the project or folder. Default: the project that is open. */
export async function initRepository(deps: GitDeps, given?: Place): Promise<void> {
  const { project, path } = given ??
    (await onlyPlace(deps)) ?? { project: (await askProject(deps, { title, step: 1, totalSteps: 1 })) ?? stop(), path: '' };
  await briefly('Initializing the repository…', () => deps.connection.client.git.init({ project, repository: path }));
  await deps.repositories.refresh(project);
  if (isOpenHere(project)) {
    await vscode.commands.executeCommand('workbench.view.scm');
    return;
  }
  const answer = vscode.window.showInformationMessage(`"${path ? baseName(path) : project}" is a Git repository now.`, 'Open Project');
  void answer.then((chosen) => chosen && openProject({ name: project }));
}

function stop(): never {
  throw cancelled();
}
