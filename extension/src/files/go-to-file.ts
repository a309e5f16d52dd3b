/**
 * `Bine: Go to File…`: the files of the projects that are open, by name. VS Code's own list of files needs an interface that is not open to
 * extensions; what else it lists (commands, symbols, lines) it is given.
 */
import { listFolder } from '@bine/client/list-folder';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { isOpenHere } from '../projects/open-project.ts';
import type { Projects } from '../projects/store.ts';
import { fewAtOnce } from '../vs/few-at-once.ts';
import { pickWhileSearching } from './growing-pick.ts';
import { type Place, baseName, parentOf, scheme, uriPath } from './uri.ts';

export type GoToFileDeps = { connection: Connection; projects: Projects };

export type FoundFile = vscode.QuickPickItem & { uri: vscode.Uri; place: Place; size: number };

const mostFiles = 10_000;
const foldersAtOnce = 4;
/** Full of what nobody looks for by name. */
const isPruned = (name: string) => name === 'node_modules' || name === '__pycache__' || name.startsWith('.');
/** What stands in front of what is no file. */
const isOther = (text: string) => /^[>@:#%?]/.test(text);

export function goToFile(deps: GoToFileDeps): Promise<void> {
  return pickWhileSearching<FoundFile>({
    placeholder: 'Go to a file of this project by name',
    onType: (text) => {
      if (isOther(text)) void vscode.commands.executeCommand('workbench.action.quickOpen', text);
    },
    open: ({ uri }) => void vscode.commands.executeCommand('vscode.open', uri),
    search: (found, signal) => walkOpenProjects(deps, { found, signal }),
    titleOf: (count) => (count >= mostFiles ? `The first ${mostFiles} files` : undefined),
  });
}

/** All files of the projects that are open, but those in folders of packages and caches. */
export async function walkOpenProjects(deps: GoToFileDeps, walking: Walk): Promise<void> {
  const projects = (await deps.projects.list()).map(({ name }) => name).filter(isOpenHere);
  await Promise.all(projects.map((project) => walk(deps, { project, path: '' }, walking)));
}

type Walk = { found: FoundFile[]; signal: AbortSignal };

async function walk({ connection: { client } }: GoToFileDeps, root: Place, { found, signal }: Walk): Promise<void> {
  const inTurn = fewAtOnce<string>(foldersAtOnce, () => false);
  async function into(folder: string): Promise<void> {
    if (signal.aborted || found.length >= mostFiles) return;
    const at = { project: root.project, path: folder };
    const { entries } = await inTurn(folder, () => listFolder(client.files, at, { most: mostFiles, signal }));
    found.push(...entries.filter(({ type }) => type === 'file').map(({ path, size }) => itemOf({ project: root.project, path }, size)));
    await Promise.all(entries.filter(({ type, path }) => type === 'directory' && !isPruned(baseName(path))).map(({ path }) => into(path)));
  }
  await into(root.path);
}

function itemOf(place: Place, size: number): FoundFile {
  const uri = vscode.Uri.from({ scheme, path: uriPath(place) });
  return { label: baseName(place.path), description: parentOf(place.path), resourceUri: uri, uri, place, size } as FoundFile;
}
