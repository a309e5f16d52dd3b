/** Stages files, takes them out again, undoes what was changed in them, and shows it. */
import * as vscode from 'vscode';
import { baseName } from '../files/uri.ts';
import { confirm } from '../vs/ask.ts';
import { conflictsIn } from './conflict-marks.ts';
import { gitUri } from './content.ts';
import type { GitDeps } from './git.ts';
import { mending } from './mend.ts';
import type { Repository, Resource } from './repository.ts';
import { isGone, isNew } from './words.ts';

type Act = 'stage' | 'unstage' | 'discard';
const titles: Record<Act, string> = { stage: 'Stage', unstage: 'Unstage', discard: 'Discard' };

/** Each repository's at once. */
export async function change(deps: GitDeps, act: Act, resources: readonly Resource[]): Promise<void> {
  for (const repository of new Set(resources.map((each) => each.repository))) {
    const those = resources.filter((each) => each.repository === repository);
    const paths = [...new Set(those.flatMap(({ file, group }) => (file.from && group === 'index' ? [file.from, file.path] : [file.path])))];
    await changePaths(deps, act, repository, paths);
  }
}

async function changePaths({ connection }: GitDeps, act: Act, repository: Repository, paths: string[]): Promise<void> {
  if (paths.length === 0) return;
  const { git } = connection.client;
  await mending({ connection, title: titles[act], repository }, () =>
    repository.during(async () => repository.put(await git[act]({ ...repository.at, paths }))),
  );
}

/** A conflict is settled by staging the file; one whose marks are still in it is asked about. */
export async function stage(deps: GitDeps, resources: readonly Resource[]): Promise<void> {
  // Who settled it in the editor and stages it is done with it.
  for (const { group, resourceUri } of resources) if (group === 'merge') await saved(resourceUri);
  const unsettled = await withMarks(resources.filter(({ group }) => group === 'merge'));
  if (unsettled.length > 0) {
    const names = unsettled.map(({ file }) => `"${baseName(file.path)}"`).join(', ');
    await confirm(
      `Stage ${names} with marks of conflict?`,
      'There are still lines with <<<<<<< in it. Staged, the conflict counts as settled.',
      'Stage',
    );
  }
  await change(deps, 'stage', resources);
}

async function saved(uri: vscode.Uri): Promise<void> {
  await vscode.workspace.textDocuments.find((document) => document.isDirty && document.uri.toString() === uri.toString())?.save();
}

async function withMarks(resources: Resource[]): Promise<Resource[]> {
  const marked = await Promise.all(
    resources.map(async ({ resourceUri, file }) => {
      if (isGone(file.status) || file.status.startsWith('deleted')) return false;
      const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(resourceUri));
      return conflictsIn(text.split(/\r?\n/)).length > 0;
    }),
  );
  return resources.filter((_, i) => marked[i]);
}

export async function discard(deps: GitDeps, resources: readonly Resource[]): Promise<void> {
  if (resources.length === 0) return;
  const [first] = resources;
  const what = resources.length === 1 ? `"${baseName(first!.file.path)}"` : `${resources.length} files`;
  if (resources.every(({ file }) => isGone(file.status)))
    await confirm(`Restore ${what}?`, 'As it was staged or committed last.', 'Restore');
  else if (resources.every(({ group }) => group === 'untracked')) await confirm(`Delete ${what}?`, fromBin, 'Move to Bin');
  else await confirm(`Discard the changes in ${what}?`, fromBin, 'Discard Changes');
  await change(deps, 'discard', resources);
}

const fromBin = 'What is there now goes to the bin of the project: "Bine: Open Bin…" brings it back.';

/** What a click on a file shows: the change, side by side; without two sides, the file. */
export async function openChanges({ repository, group, file, resourceUri }: Resource): Promise<void> {
  const at = { ...repository.at, path: file.path };
  const before = (path: string, ref: string) => gitUri({ ...at, path, ref });
  const name = baseName(file.path);
  const staged = group === 'index';
  const now = staged ? before(file.path, '') : resourceUri;
  if (isGone(file.status)) {
    await vscode.commands.executeCommand('vscode.open', before(file.path, staged ? 'HEAD' : ''), { preview: true }, `${name} (Deleted)`);
    return;
  }
  if (isNew(file.status) || group === 'merge') {
    await vscode.commands.executeCommand('vscode.open', now, { preview: true }, staged ? `${name} (Index)` : undefined);
    return;
  }
  const old = before(file.from ?? file.path, staged ? 'HEAD' : '');
  await vscode.commands.executeCommand('vscode.diff', old, now, `${name} (${staged ? 'Index' : 'Working Tree'})`, { preview: true });
}

export async function openFiles(resources: readonly Resource[]): Promise<void> {
  for (const { resourceUri, file } of resources) {
    if (!isGone(file.status)) await vscode.commands.executeCommand('vscode.open', resourceUri, { preview: resources.length === 1 });
  }
}
