/** `bine-git:/PROJECT/REPOSITORY/PATH?…`: files as they are in a commit or staged, for diffs. They cannot be written. */
import { gitContentPath } from '@bine/shared/paths';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { fileSystemError } from '../files/errors.ts';
import { join, uriPath } from '../files/uri.ts';

export const gitScheme = 'bine-git';

export type GitPlace = {
  project: string;
  /** Its folder. */
  repository: string;
  /** In the repository. */
  path: string;
  /** A commit, branch or tag; empty: as it is staged. */
  ref: string;
};

/** The path is that of the file, so that its name, language and icon are. */
export function gitUri({ project, repository, path, ref }: GitPlace): vscode.Uri {
  const query = JSON.stringify({ repository, ref });
  return vscode.Uri.from({ scheme: gitScheme, path: uriPath({ project, path: join(repository, path) }), query });
}

function gitPlaceOf(uri: vscode.Uri): GitPlace {
  const [, project = '', ...names] = uri.path.split('/');
  const { repository, ref } = JSON.parse(uri.query) as { repository: string; ref: string };
  const path = names.join('/');
  return { project, repository, path: repository ? path.slice(repository.length + 1) : path, ref };
}

export type GitContent = vscode.Disposable & {
  /** What is open of a repository may have changed: those that did are read again. */
  changed(project: string, repository: string): void;
};

/** Of so many files that were shown it is known what they were. */
const remembered = 300;

export function createGitContent(connection: Connection): GitContent {
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  /** Which content a file had when VS Code looked, and since when: VS Code reads again what has another time. */
  const seen = new Map<string, { tag: string; time: number }>();

  async function request(uri: vscode.Uri, method: 'GET' | 'HEAD'): Promise<Response> {
    const { project, repository, path, ref } = gitPlaceOf(uri);
    const query = new URLSearchParams({ repository, path, ref });
    try {
      return await connection.fetch(`${gitContentPath.replace('{project}', project)}?${query.toString()}`, { method });
    } catch (error) {
      throw fileSystemError(error, uri);
    }
  }

  function timeOf(uri: vscode.Uri, tag: string): number {
    const key = uri.toString();
    const known = seen.get(key);
    const time = known?.tag === tag ? known.time : Date.now();
    seen.delete(key);
    seen.set(key, { tag, time });
    if (seen.size > remembered) seen.delete(seen.keys().next().value!);
    return time;
  }

  const refuse = (): never => {
    throw vscode.FileSystemError.NoPermissions('What Git keeps is not changed here. Change the file itself.');
  };
  const provider: vscode.FileSystemProvider = {
    onDidChangeFile: changed.event,
    watch: () => new vscode.Disposable(() => {}),
    async stat(uri) {
      const { headers } = await request(uri, 'HEAD');
      const size = Number(headers.get('content-length') ?? 0);
      const mtime = timeOf(uri, headers.get('etag') ?? String(size));
      return { type: vscode.FileType.File, ctime: 0, mtime, size, permissions: vscode.FilePermission.Readonly };
    },
    readFile: async (uri) => new Uint8Array(await (await request(uri, 'GET')).arrayBuffer()),
    readDirectory: () => [],
    writeFile: refuse,
    createDirectory: refuse,
    delete: refuse,
    rename: refuse,
  };
  const disposables = vscode.Disposable.from(
    changed,
    vscode.workspace.registerFileSystemProvider(gitScheme, provider, { isCaseSensitive: true, isReadonly: true }),
  );
  return {
    changed(project, repository) {
      const uris = [...seen.keys()].map((text) => vscode.Uri.parse(text, true));
      const those = uris.filter((uri) => {
        const place = gitPlaceOf(uri);
        return place.project === project && place.repository === repository;
      });
      // VS Code looks again at those that are open.
      if (those.length > 0) changed.fire(those.map((uri) => ({ type: vscode.FileChangeType.Changed, uri })));
    },
    dispose: () => disposables.dispose(),
  };
}
