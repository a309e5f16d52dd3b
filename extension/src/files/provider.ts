/** Projects' files as a file system of VS Code: what the explorer, editors, notebooks and other extensions read and write. */
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { toProblem } from '../connection/problem.ts';
import type { Projects } from '../projects/store.ts';
import { type Listing, createChanges } from './changes.ts';
import { readContent, writeContent } from './content.ts';
import { createEditorSettings, type EditorSettings, isEditorSettings } from './editor-settings.ts';
import { type Wanted, fileSystemError } from './errors.ts';
import { createVersions } from './saving.ts';
import { createShownFolders } from './shown-folder.ts';
import { statOf, typeOf } from './stats.ts';
import { copy, move } from './transfer.ts';
import { type Place, baseName, placeOf } from './uri.ts';
import { tellingWait } from './waiting.ts';
import type { Watching } from './watching.ts';

export type FilesDeps = { connection: Connection; projects: Projects; watching: Watching; memory: vscode.Memento };

export type BineFileSystem = vscode.FileSystemProvider & vscode.Disposable & { editorSettings: EditorSettings };

export function createFileSystem({ connection, projects, watching, memory }: FilesDeps): BineFileSystem {
  const { files } = connection.client;
  const versions = createVersions();
  const content = { connection, versions };
  const shown = createShownFolders(connection);
  const list = async (place: Place): Promise<Listing> => new Map((await shown(place)).map((file) => [baseName(file.path), typeOf(file)]));
  const changes = createChanges(watching, (folder) => list(folder).catch(emptyIfGone));

  const read = (uri: vscode.Uri) => at(uri, (place) => readContent(content, place), 'file');
  const editorSettings = createEditorSettings({ connection, memory, read });
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const forward = [changes.onDidChange, editorSettings.onDidChangeFile].map((event) => event((all) => changed.fire(all)));

  async function stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    if (!placeOf(uri)) return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0, permissions: vscode.FilePermission.Readonly };
    return at(uri, async (place) => {
      const [found, project] = await Promise.all([files.stat(place), projects.find(place.project)]);
      if (found.type === 'file') versions.seen(uri.path, found);
      return statOf(found, project?.role === 'viewer');
    });
  }

  async function readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    if (!placeOf(uri)) return (await projects.list()).map(({ name }) => [name, vscode.FileType.Directory]);
    const listing = (place: Place) =>
      list(place).then((found) => {
        changes.listed(place, found);
        return [...found];
      });
    return at(uri, listing, 'folder');
  }

  return {
    editorSettings,
    onDidChangeFile: changed.event,
    stat,
    readDirectory,
    async readFile(uri) {
      const bytes = await read(uri);
      if (editorSettings.isWithheld(uri)) throw editorSettings.withhold(uri);
      return bytes;
    },
    async writeFile(uri, bytes, options) {
      if (editorSettings.isWithheld(uri) && (await isThere(uri))) throw editorSettings.withhold(uri);
      await at(uri, async (place) => {
        await tellingWait(connection, `Saving ${baseName(place.path)}`, (signal) =>
          writeContent(content, place, bytes, { ...options, signal }),
        );
        if (isEditorSettings(uri)) await editorSettings.allow(place.project);
      });
    },
    createDirectory: (uri) => at(uri, async (place) => void (await files.mkdir(place))),
    async delete(uri) {
      await at(uri, (place) => files.delete(place));
      versions.forget(uri.path);
    },
    async rename(from, to, { overwrite }) {
      await between(from, to, (source, target) => move(connection, { source, target, overwrite }));
      for (const uri of [from, to]) versions.forget(uri.path);
    },
    copy: (from, to, { overwrite }) => between(from, to, (source, target) => copy(connection, { source, target, overwrite })),
    watch(uri) {
      const place = placeOf(uri);
      return place ? watching.watch(place.project) : new vscode.Disposable(() => {});
    },
    dispose: () => vscode.Disposable.from(changes, editorSettings, changed, ...forward).dispose(),
  };

  function isThere(uri: vscode.Uri): Promise<boolean> {
    return at(uri, (place) =>
      files.stat(place).then(
        () => true,
        (error: unknown) => {
          if (toProblem(error).code === 'not-found') return false;
          throw error;
        },
      ),
    );
  }
}

function emptyIfGone(error: unknown): Listing {
  if (toProblem(error).code === 'not-found') return new Map();
  throw error;
}

/** Runs `work` on a place inside a project, and turns what it throws into what VS Code understands. */
async function at<T>(uri: vscode.Uri, work: (place: Place) => Promise<T>, wanted?: Wanted): Promise<T> {
  const place = placeOf(uri);
  if (!place) throw vscode.FileSystemError.NoPermissions('A project is created in the view "Projects" of Bine.');
  try {
    return await work(place);
  } catch (error) {
    throw fileSystemError(error, uri, wanted);
  }
}

function between(from: vscode.Uri, to: vscode.Uri, work: (source: Place, target: Place) => Promise<void>): Promise<void> {
  return at(from, (source) => at(to, (target) => work(source, target)));
}
