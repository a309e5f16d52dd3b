/** `Bine: Delete Project…`: into the bin. Asks only when kernels run, because what they hold in memory is gone then. */
import type { Project } from '@bine/shared';
import * as vscode from 'vscode';
import { isRunning } from '../kernels/store.ts';
import { confirm } from '../vs/ask.ts';
import { briefly } from '../vs/progress.ts';
import { projectUri } from './open-project.ts';
import type { ProjectDeps } from './projects.ts';

export async function deleteProject({ connection, projects, kernels }: ProjectDeps, project: Project): Promise<void> {
  const running = (kernels.all ?? []).filter((kernel) => kernel.project === project.name && isRunning(kernel)).length;
  if (running > 0) {
    const what = running === 1 ? 'A kernel runs in it and ends; what it holds' : `${running} kernels run in it and end; what they hold`;
    await confirm(`Delete the project "${project.name}"?`, `${what} in memory is lost. The files can be restored from the bin.`, 'Delete');
  }
  await briefly(`Deleting ${project.name}…`, () => connection.client.projects.delete({ project: project.name }));
  closeFolder(project);
  await projects.refresh();
}

/** A folder that leads nowhere any more would only show an error. */
function closeFolder(project: Project): void {
  const uri = projectUri(project).toString();
  const index = (vscode.workspace.workspaceFolders ?? []).findIndex((folder) => folder.uri.toString() === uri);
  if (index >= 0) vscode.workspace.updateWorkspaceFolders(index, 1);
}
