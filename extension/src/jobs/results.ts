/** `bine-result:/<project>/<job> #<number>/<path>?<execution>`: the files that executions left, to be read and not changed. */
import { executionResultPath } from '@bine/shared/paths';
import type { JobExecution, Result } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { fileSystemError } from '../files/errors.ts';

const scheme = 'bine-result';

/** Names are for people, who read them above the editor; the id decides. */
export function resultUri({ project, job, number, id }: JobExecution, path: string): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/${project}/${job} #${number}/${path}`, query: id });
}

/** All of them. */
export async function listResults(connection: Connection, { project, execution }: Omit<Place, 'path'>): Promise<Result[]> {
  const all: Result[] = [];
  for (;;) {
    const after = all.at(-1)?.path ?? '';
    const { results, total } = await connection.client.executions.results({ project, execution, after, limit: 10_000 });
    all.push(...results);
    if (results.length === 0 || all.length >= total) return all;
  }
}

export function fetchResult(connection: Connection, { project, execution, path }: Place, signal?: AbortSignal): Promise<Response> {
  const route = executionResultPath.replace('{project}', project).replace('{execution}', execution);
  return connection.fetch(`${route}?${new URLSearchParams({ path }).toString()}`, signal ? { signal } : {});
}

export function createResultFiles(connection: Connection): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();

  async function at<T>(uri: vscode.Uri, work: (place: Place) => Promise<T>): Promise<T> {
    try {
      return await work(placeOf(uri));
    } catch (error) {
      throw fileSystemError(error, uri);
    }
  }
  const listed = (place: Place) => listResults(connection, place);
  const refuse = (): never => {
    throw vscode.FileSystemError.NoPermissions('What an execution left is not changed. Save it under another name.');
  };

  const provider: vscode.FileSystemProvider = {
    onDidChangeFile: changed.event,
    watch: () => new vscode.Disposable(() => {}),
    stat: (uri) =>
      at(uri, async (place) => {
        const { Directory, File } = vscode.FileType;
        if (!place.path) return { type: Directory, ctime: 0, mtime: 0, size: 0 };
        const found = await listed(place);
        const file = found.find(({ path }) => path === place.path);
        if (file) {
          const time = Date.parse(file.modified);
          return { type: File, ctime: time, mtime: time, size: file.size, permissions: vscode.FilePermission.Readonly };
        }
        if (found.some(({ path }) => path.startsWith(`${place.path}/`))) return { type: Directory, ctime: 0, mtime: 0, size: 0 };
        throw vscode.FileSystemError.FileNotFound(uri);
      }),
    readDirectory: (uri) =>
      at(uri, async (place) => {
        const folder = place.path ? `${place.path}/` : '';
        const inside = (await listed(place)).map(({ path }) => path).filter((path) => path.startsWith(folder));
        const entries = inside.map((path): [string, vscode.FileType] => {
          const [name = '', ...rest] = path.slice(folder.length).split('/');
          return [name, rest.length > 0 ? vscode.FileType.Directory : vscode.FileType.File];
        });
        return [...new Map(entries)];
      }),
    readFile: (uri) => at(uri, async (place) => new Uint8Array(await (await fetchResult(connection, place)).arrayBuffer())),
    writeFile: refuse,
    createDirectory: refuse,
    delete: refuse,
    rename: refuse,
  };
  return vscode.Disposable.from(
    changed,
    vscode.workspace.registerFileSystemProvider(scheme, provider, { isCaseSensitive: true, isReadonly: true }),
  );
}

type Place = { project: string; execution: string; path: string };

function placeOf(uri: vscode.Uri): Place {
  const [, project = '', _name, ...names] = uri.path.split('/');
  return { project, execution: uri.query, path: names.join('/') };
}
