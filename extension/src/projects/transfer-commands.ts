/** Upload and download by command, with the dialogs of VS Code. */
import * as vscode from 'vscode';
import { download } from '../files/download.ts';
import { type Source, collect, taken, upload } from '../files/upload.ts';
import { type Place, baseName, join, scheme, uriPath } from '../files/uri.ts';
import { cancelled } from '../vs/ask.ts';
import { inHome } from '../vs/local-files.ts';
import { withProgress } from '../vs/progress.ts';
import type { ProjectDeps } from './projects.ts';

export async function uploadFiles(deps: ProjectDeps, folder: Place): Promise<void> {
  const uris = await vscode.window.showOpenDialog({
    title: `Upload into ${uriPath(folder).slice(1)}`,
    openLabel: 'Upload',
    canSelectMany: true,
    canSelectFiles: true,
    defaultUri: inHome(''),
  });
  if (uris?.length) await uploadInto(deps, folder, await collect(uris));
}

/** A file of this machine, or the one in the editor; what is in the project then is opened. */
export async function uploadOpenFile(deps: ProjectDeps, given: vscode.Uri | undefined, folder: Place): Promise<void> {
  const uri = given ?? vscode.window.activeNotebookEditor?.notebook.uri ?? vscode.window.activeTextEditor?.document.uri;
  if (!uri) throw cancelled();
  await uploadInto(deps, folder, await collect([uri]));
  const path = uriPath({ ...folder, path: join(folder.path, baseName(uri.path)) });
  await vscode.commands.executeCommand('vscode.open', vscode.Uri.from({ scheme, path }));
}

/** Asks before anything is replaced; for the rest the progress says enough. */
export async function uploadInto(deps: ProjectDeps, folder: Place, sources: Source[]): Promise<void> {
  const there = await taken(deps.connection, folder, sources);
  const chosen = there.length > 0 ? await withoutSurprise(sources, there) : sources;
  if (chosen.length === 0) return;
  const title = `Uploading ${chosen.length === 1 ? chosen[0]!.path : `${chosen.length} files`} into ${uriPath(folder).slice(1)}`;
  try {
    await withProgress(title, (signal, report) =>
      upload(deps.connection, { sources: chosen, folder, overwrite: there.length > 0, signal, report }),
    );
  } finally {
    deps.tree.refresh(deps.tree.nodeAt(uriPath(folder)));
  }
}

async function withoutSurprise(sources: Source[], there: string[]): Promise<Source[]> {
  const [replace, skip] = ['Replace', 'Skip'];
  const what = there.length === 1 ? `"${there[0]}" is` : `${there.length} of them, such as "${there[0]}", are`;
  const detail = 'What is replaced cannot be brought back.';
  const others = sources.filter(({ path }) => !there.includes(path.split('/')[0]!));
  const buttons = others.length > 0 ? [replace, skip] : [replace];
  const answer = await vscode.window.showWarningMessage(`${what} there already.`, { modal: true, detail }, ...buttons);
  if (!answer) throw cancelled();
  return answer === skip ? others : sources;
}

export async function downloadFiles({ connection }: ProjectDeps, places: readonly Place[]): Promise<void> {
  if (places.length === 0) return;
  const targets = await askTargets(connection, places);
  const title = `Downloading ${places.length === 1 ? nameOf(places[0]!) : `${places.length} items`}`;
  await withProgress(title, (signal, report) => download(targets, { connection, signal, report }));
}

type Target = { place: Place; target: vscode.Uri };

async function askTargets({ client }: ProjectDeps['connection'], places: readonly Place[]): Promise<Target[]> {
  const [place] = places as [Place];
  if (places.length === 1 && place.path && (await client.files.stat(place)).type === 'file') {
    const name = nameOf(place);
    const target = await vscode.window.showSaveDialog({ title: `Download ${name}`, saveLabel: 'Download', defaultUri: inHome(name) });
    if (!target) throw cancelled();
    return [{ place, target }];
  }
  const options = {
    title: 'Download into',
    openLabel: 'Download Here',
    canSelectFolders: true,
    canSelectFiles: false,
    defaultUri: inHome(''),
  };
  const [folder] = (await vscode.window.showOpenDialog(options)) ?? [];
  if (!folder) throw cancelled();
  return places.map((place) => ({ place, target: vscode.Uri.joinPath(folder, nameOf(place)) }));
}

function nameOf(place: Place): string {
  return baseName(uriPath(place));
}
