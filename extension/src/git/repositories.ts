/** The repositories in the projects that are open in this window. */
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { toProblem } from '../connection/problem.ts';
import { placeOf, scheme } from '../files/uri.ts';
import type { Watching } from '../files/watching.ts';
import type { Projects } from '../projects/store.ts';
import type { GitContent } from './content.ts';
import { type ProjectRepositories, createProjectRepositories } from './project-repositories.ts';
import type { Repository } from './repository.ts';
import { within } from './words.ts';

export type Repositories = vscode.Disposable & {
  readonly all: readonly Repository[];
  /** One came or went, or what is known of one changed. */
  readonly onDidChange: vscode.Event<void>;
  /** The one that a file is in. */
  of(uri: vscode.Uri): Repository | undefined;
  /** Looks which there are. @throws Problem */
  refresh(project: string): Promise<void>;
};

export type RepositoriesDeps = {
  connection: Connection;
  projects: Pick<Projects, 'find'>;
  watching: Watching;
  content: GitContent;
  log: vscode.LogOutputChannel;
};

type Opened = { repositories: ProjectRepositories; watcher: vscode.Disposable };

export function createRepositories({ connection, projects: about, watching, content, log }: RepositoriesDeps): Repositories {
  const changed = new vscode.EventEmitter<void>();
  const opened = new Map<string, Opened>();
  // What cannot be read now is read again with the connection, or with the next change.
  const failed = (error: unknown) => log.info(`Git: ${toProblem(error).message}`);
  const all = () => [...opened.values()].flatMap(({ repositories }) => [...repositories.all]);
  const inProject = (project: string) => opened.get(project)?.repositories;

  function tell(repository: Repository | null): void {
    if (repository) content.changed(repository.project, repository.path);
    changed.fire();
  }

  function close(project: string): void {
    const { repositories, watcher } = opened.get(project)!;
    opened.delete(project);
    watcher.dispose();
    repositories.dispose();
  }

  function followFolders(): void {
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === scheme);
    const projects = new Set(folders.flatMap(({ uri }) => placeOf(uri)?.project ?? []));
    for (const project of opened.keys()) if (!projects.has(project)) close(project);
    for (const project of projects) {
      if (opened.has(project)) continue;
      const repositories = createProjectRepositories({ connection, projects: about, changed: tell, failed }, project);
      opened.set(project, { repositories, watcher: watching.watch(project) });
    }
  }

  const { events } = connection;
  const disposables = vscode.Disposable.from(
    vscode.workspace.onDidChangeWorkspaceFolders(followFolders),
    // The next account may not see them.
    connection.onDidRestart(() => {
      for (const project of opened.keys()) close(project);
      followFolders();
      changed.fire();
    }),
    watching.onDidChange(({ project, changes }) => inProject(project)?.filesChanged(changes)),
    events.on('git.operation', ({ project, data }) => inProject(project)?.operationChanged(data)),
    events.on('git.changed', ({ project, data }) => inProject(project)?.repositoryChanged(data.repository)),
    events.onDidReset(() => [...opened.values()].forEach(({ repositories }) => repositories.everythingChanged())),
    new vscode.Disposable(() => [...opened.keys()].forEach(close)),
    changed,
  );
  followFolders();
  return {
    get all() {
      return all();
    },
    onDidChange: changed.event,
    of(uri) {
      const place = uri.scheme === scheme ? placeOf(uri) : null;
      const around = all().filter(({ project, path }) => place?.project === project && within(path, place.path) !== null);
      // Of repositories in each other it is the innermost.
      return around.sort((a, b) => b.path.length - a.path.length)[0];
    },
    refresh: async (project) => inProject(project)?.refresh(),
    dispose: () => disposables.dispose(),
  };
}
