/** The repositories in the projects that are open in this window, each in step with its files and with what others do. */
import type { GitOperation } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { toProblem } from '../connection/problem.ts';
import { placeOf, scheme } from '../files/uri.ts';
import type { ProjectChange, Watching } from '../files/watching.ts';
import type { GitContent } from './content.ts';
import { type Refresher, createRefresher } from './refresher.ts';
import { type Repository, createRepository } from './repository.ts';
import { matters, movesRepository, within } from './words.ts';

export type Repositories = vscode.Disposable & {
  readonly all: readonly Repository[];
  /** One came or went, or what is known of one changed. */
  readonly onDidChange: vscode.Event<void>;
  /** The one that a file is in. */
  of(uri: vscode.Uri): Repository | undefined;
  /** Looks which there are. @throws Problem */
  refresh(project: string): Promise<void>;
};

export type RepositoriesDeps = { connection: Connection; watching: Watching; content: GitContent; log: vscode.LogOutputChannel };

type Opened = { repositories: Map<string, Repository>; refresher: Refresher<void>; watcher: vscode.Disposable };

/** Looking for repositories walks through folders, so changes are gathered for longer, in milliseconds. */
const gather = 500;

export function createRepositories({ connection, watching, content, log }: RepositoriesDeps): Repositories {
  const changed = new vscode.EventEmitter<void>();
  const projects = new Map<string, Opened>();
  const failed = (error: unknown) => log.debug(`Git: ${toProblem(error).message}`);
  const all = () => [...projects.values()].flatMap(({ repositories }) => [...repositories.values()]);

  function add(project: string, info: Parameters<typeof createRepository>[2]): Repository {
    const repository = createRepository({ connection, failed }, project, info);
    repository.onDidChange(() => {
      content.changed(project, info.path);
      changed.fire();
    });
    return repository;
  }

  async function look(project: string): Promise<void> {
    const { git } = connection.client;
    const [found, operations] = await Promise.all([git.repositories({ project }), git.operations({ project })]);
    const known = projects.get(project)?.repositories;
    if (!known) return;
    for (const [path, repository] of known) {
      if (found.some((info) => info.path === path)) continue;
      known.delete(path);
      repository.dispose();
    }
    const fresh = found.filter(({ path }) => !known.has(path));
    for (const info of fresh) known.set(info.path, add(project, info));
    for (const info of found) {
      known.get(info.path)!.update(info);
      for (const operation of operations) if (operation.repository === info.path) known.get(info.path)!.operation(operation);
    }
    changed.fire();
    await Promise.all(fresh.map(({ path }) => known.get(path)!.refresh()));
  }

  function open(project: string): Opened {
    const refresher = createRefresher({ read: () => look(project), show: () => undefined, failed, gather });
    void refresher.now().catch(failed);
    return { repositories: new Map(), refresher, watcher: watching.watch(project) };
  }

  function close(project: string): void {
    const { repositories, refresher, watcher } = projects.get(project)!;
    projects.delete(project);
    for (const each of [...repositories.values(), refresher, watcher]) each.dispose();
    changed.fire();
  }

  function followFolders(): void {
    const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === scheme);
    const open_ = new Set(folders.flatMap(({ uri }) => placeOf(uri)?.project ?? []));
    for (const project of projects.keys()) if (!open_.has(project)) close(project);
    for (const project of open_) if (!projects.has(project)) projects.set(project, open(project));
  }

  function filesChanged({ project, changes }: ProjectChange): void {
    const opened = projects.get(project);
    if (!opened) return;
    const paths = [...opened.repositories.keys()];
    if (changes.some((change) => change.type === 'reset' || movesRepository(change, paths))) opened.refresher.ask();
    for (const [path, repository] of opened.repositories) {
      const inside = changes.flatMap((change) => (change.type === 'reset' ? '' : (within(path, change.path) ?? [])));
      if (inside.some(matters)) repository.touch();
    }
  }

  function operationChanged(project: string, operation: GitOperation): void {
    const opened = projects.get(project);
    opened?.repositories.get(operation.repository)?.operation(operation);
    if (operation.action === 'clone' && operation.state === 'succeeded') opened?.refresher.ask();
  }

  function repositoryChanged(project: string, path: string): void {
    const opened = projects.get(project);
    // Its branch or remote may be another one, and a new one may have been made.
    opened?.refresher.ask();
    opened?.repositories.get(path)?.touch();
  }

  function everything(): void {
    for (const { refresher } of projects.values()) refresher.ask();
    for (const repository of all()) repository.touch();
  }

  const { events } = connection;
  const disposables = vscode.Disposable.from(
    changed,
    vscode.workspace.onDidChangeWorkspaceFolders(followFolders),
    watching.onDidChange(filesChanged),
    events.on('git.operation', ({ project, data }) => operationChanged(project, data)),
    events.on('git.changed', ({ project, data }) => repositoryChanged(project, data.repository)),
    events.onDidReset(everything),
    new vscode.Disposable(() => [...projects.keys()].forEach(close)),
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
    async refresh(project) {
      await projects.get(project)?.refresher.now();
    },
    dispose: () => disposables.dispose(),
  };
}
