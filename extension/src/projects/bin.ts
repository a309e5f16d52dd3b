/** The bin: projects and files that were deleted, and can come back until it is emptied. */
import * as vscode from 'vscode';
import { baseName, parentOf } from '../files/uri.ts';
import { type Choice, cancelled, confirm, separator } from '../vs/ask.ts';
import { duration } from '../vs/units.ts';
import type { ProjectDeps } from './projects.ts';

/** Puts one thing back; `forever` deletes it for good, where that can be done to one thing alone. */
type Binned = { name: string; restore: () => Promise<unknown>; forever?: () => Promise<unknown> };

const restoreButton = { iconPath: new vscode.ThemeIcon('discard'), tooltip: 'Restore' };
const foreverButton = { iconPath: new vscode.ThemeIcon('trash'), tooltip: 'Delete for good…' };

export async function openBin(deps: ProjectDeps): Promise<void> {
  const box = vscode.window.createQuickPick<Choice<Binned> | vscode.QuickPickItem>();
  box.title = 'Bin of Bine';
  box.placeholder = 'Choose what to restore';
  box.matchOnDescription = true;
  box.busy = true;
  box.show();
  try {
    box.items = await binned(deps);
    box.busy = false;
    if (box.items.length === 0) box.placeholder = 'The bin is empty';
    const { thing, forever } = await new Promise<{ thing: Binned; forever: boolean }>((resolve, reject) => {
      const answer = (item: object | undefined, button: object) => {
        if (item && 'value' in item) resolve({ thing: item.value as Binned, forever: button === foreverButton });
      };
      box.onDidAccept(() => answer(box.selectedItems[0], restoreButton));
      box.onDidTriggerItemButton(({ item, button }) => answer(item, button));
      box.onDidHide(() => reject(cancelled()));
    });
    box.hide();
    if (!forever) await thing.restore();
    else {
      await confirm(`Delete "${thing.name}" for good?`, 'This cannot be undone.', 'Delete for Good');
      await thing.forever?.();
    }
  } finally {
    box.dispose();
  }
  await deps.projects.refresh();
}

async function binned(deps: ProjectDeps): Promise<(Choice<Binned> | vscode.QuickPickItem)[]> {
  const { client } = deps.connection;
  const live = (await deps.projects.list()).filter(({ role }) => role !== 'viewer');
  const [deleted, ...files] = await Promise.all([
    client.projects.listBin({}),
    ...live.map(async ({ name: project }) => (await client.files.listBin({ project })).map((file) => ({ ...file, project }))),
  ]);
  const projectChoices = deleted.map(({ id, name, deleted: when }) => ({
    label: `$(root-folder) ${name}`,
    description: ago(when),
    buttons: [restoreButton, foreverButton],
    value: { name, restore: () => client.projects.restore({ id }), forever: () => client.projects.emptyBin({ id }) },
  }));
  const fileChoices = files.flat().map(({ id, path, type, project, deleted: when }) => ({
    label: `$(${type === 'directory' ? 'folder' : 'file'}) ${baseName(path)}`,
    description: [project, parentOf(path)].filter(Boolean).join('/') + ` · ${ago(when)}`,
    buttons: [restoreButton],
    value: { name: baseName(path), restore: () => client.files.restore({ project, id }) },
  }));
  return [
    ...(projectChoices.length > 0 ? [separator('Projects'), ...projectChoices] : []),
    ...(fileChoices.length > 0 ? [separator('Files'), ...fileChoices] : []),
  ];
}

function ago(when: string | null): string {
  return when ? `deleted ${duration(Date.now() - Date.parse(when))} ago` : '';
}

export async function emptyBin(deps: ProjectDeps): Promise<void> {
  const { client } = deps.connection;
  await confirm('Empty the bin?', 'The projects and files in it are deleted for good. This cannot be undone.', 'Empty Bin');
  const writable = (await deps.projects.list()).filter(({ role }) => role !== 'viewer');
  await Promise.all([client.projects.emptyBin({}), ...writable.map(({ name }) => client.files.emptyBin({ project: name }))]);
}
