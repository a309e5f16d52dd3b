/** The commit that a local folder is at, as VS Code's own Git extension knows it. */
import type { JobExecution } from '@bine/shared';
import * as vscode from 'vscode';

export type GitState = NonNullable<JobExecution['inputs']['git']>;

/** As far as we need it of https://github.com/microsoft/vscode/blob/main/extensions/git/src/api/git.d.ts */
type GitExtension = { readonly enabled: boolean; getAPI(version: 1): { getRepository(uri: vscode.Uri): Repository | null } };
type Repository = {
  readonly state: Record<'mergeChanges' | 'indexChanges' | 'workingTreeChanges', readonly unknown[]> & {
    readonly HEAD: { readonly commit?: string } | undefined;
    readonly untrackedChanges?: readonly unknown[];
  };
  status(): Promise<void>;
};

/** null: it is not in a repository, or Git is not used. A file that is not saved is a change, too. */
export async function gitStateOf(folder: vscode.Uri, unsaved: number): Promise<GitState | null> {
  const extension = await vscode.extensions.getExtension<GitExtension>('vscode.git')?.activate();
  const repository = extension?.enabled ? extension.getAPI(1).getRepository(folder) : null;
  if (!repository) return null;
  await repository.status();
  const { HEAD, mergeChanges, indexChanges, workingTreeChanges, untrackedChanges = [] } = repository.state;
  if (!HEAD?.commit) return null;
  const changes = mergeChanges.length + indexChanges.length + workingTreeChanges.length + untrackedChanges.length;
  return { commit: HEAD.commit, dirty: changes + unsaved > 0 };
}
