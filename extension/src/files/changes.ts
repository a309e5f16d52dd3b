/** What happens in projects' folders, as the events that the explorer and open editors act on. */
import type { FileChange } from '@bine/shared';
import * as vscode from 'vscode';
import { type Place, join, placeOf, scheme, uriPath } from './uri.ts';
import type { ProjectChange, Watching } from './watching.ts';

export type Listing = Map<string, vscode.FileType>;

export type Changes = vscode.Disposable & {
  readonly onDidChange: vscode.Event<vscode.FileChangeEvent[]>;
  /** A folder was shown like this: when changes may have been missed, what is different now is told. */
  listed(folder: Place, listing: Listing): void;
};

const types = {
  created: vscode.FileChangeType.Created,
  changed: vscode.FileChangeType.Changed,
  deleted: vscode.FileChangeType.Deleted,
};

/** `list` reads a folder, empty when it is gone. Of so many folders it is remembered what they held. */
export function createChanges(watching: Watching, list: (folder: Place) => Promise<Listing>, limit = 200): Changes {
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const shown = new Map<string, { folder: Place; listing: Listing }>();

  function listed(folder: Place, listing: Listing): void {
    shown.delete(uriPath(folder));
    shown.set(uriPath(folder), { folder, listing });
    if (shown.size > limit) shown.delete(shown.keys().next().value!);
  }

  async function lookAgain(project: string): Promise<vscode.FileChangeEvent[]> {
    const folders = [...shown.values()].filter(({ folder }) => folder.project === project);
    const found = await Promise.all(
      folders.map(async ({ folder, listing }) => {
        const now = await list(folder);
        if (shown.has(uriPath(folder))) listed(folder, now);
        return difference(listing, now).map(({ type, path }) => eventOf(project, { type, path: join(folder.path, path) }));
      }),
    );
    return [...found.flat(), ...openEditors(project)];
  }

  async function tell({ project, changes }: ProjectChange): Promise<void> {
    const missed = changes.some(({ type }) => type === 'reset');
    const told = changes.flatMap(({ type, path }) => (type === 'reset' ? [] : [eventOf(project, { type, path })]));
    const events = missed ? [...told, ...(await lookAgain(project))] : told;
    if (events.length > 0) changed.fire(events);
  }

  // A folder that cannot be read now is read again with the next reset.
  const disposables = vscode.Disposable.from(
    changed,
    watching.onDidChange((change) => void tell(change).catch(() => undefined)),
  );
  return { onDidChange: changed.event, listed, dispose: () => disposables.dispose() };
}

function eventOf(project: string, { type, path }: { type: keyof typeof types; path: string }): vscode.FileChangeEvent {
  return { type: types[type], uri: vscode.Uri.from({ scheme, path: uriPath({ project, path }) }) };
}

/** What was done to a folder between two looks at it; a name that became something else was deleted and created. */
function difference(before: Listing, now: Listing): { type: 'created' | 'deleted'; path: FileChange['path'] }[] {
  const gone = [...before].filter(([name, type]) => now.get(name) !== type).map(([path]) => ({ type: 'deleted' as const, path }));
  const come = [...now].filter(([name, type]) => before.get(name) !== type).map(([path]) => ({ type: 'created' as const, path }));
  return [...gone, ...come];
}

function openEditors(project: string): vscode.FileChangeEvent[] {
  return [...vscode.workspace.textDocuments, ...vscode.workspace.notebookDocuments]
    .map(({ uri }) => uri)
    .filter((uri) => uri.scheme === scheme && placeOf(uri)?.project === project)
    .map((uri) => ({ type: vscode.FileChangeType.Changed, uri }));
}
