/** Projects' files as a file system of VS Code: what the explorer, editors, notebooks and other extensions read and write. */
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { toProblem } from '../connection/problem.ts';
import type { Projects } from '../projects/store.ts';
import { type Listing, createChanges } from './changes.ts';
import { readContent, writeContent } from './content.ts';
import { type Wanted, fileSystemError } from './errors.ts';
import { createVersions } from './saving.ts';
import { statOf, typeOf } from './stats.ts';
import { copy, move } from './transfer.ts';
import { type Place, baseName, placeOf } from './uri.ts';
import type { Watching } from './watching.ts';

export type FilesDeps = { connection: Connection; projects: Projects; watching: Watching };

export function createFileSystem({ connection, projects, watching }: FilesDeps): vscode.FileSystemProvider & vscode.Disposable {
  const { files } = connection.client;
  const versions = createVersions();
  const content = { connection, versions };
  const list = async (place: Place): Promise<Listing> =>
    new Map((await files.list(place)).map((file) => [baseName(file.path), typeOf(file)]));
  const changes = createChanges(watching, (folder) => list(folder).catch(emptyIfGone));

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
    onDidChangeFile: changes.onDidChange,
    stat,
    readDirectory,
    readFile: (uri) => at(uri, (place) => readContent(content, place), 'file'),
    writeFile: (uri, bytes, options) => at(uri, (place) => writeContent(content, place, bytes, options)),
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
    dispose: () => changes.dispose(),
  };
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
