/** The repositories of one project that is open in this window, each in step with its files and with what others do. */
import type { GitOperation } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import type { ProjectChange } from '../files/watching.ts';
import type { Projects } from '../projects/store.ts';
import { createRefresher } from './refresher.ts';
import { type Repository, createRepository } from './repository.ts';
import { matters, movesRepository, within } from './words.ts';

export type ProjectRepositories = vscode.Disposable & {
  readonly all: readonly Repository[];
  /** Looks which there are. @throws Problem */
  refresh(): Promise<void>;
  filesChanged(changes: ProjectChange['changes']): void;
  operationChanged(operation: GitOperation): void;
  /** Something was done to the one in this folder. */
  repositoryChanged(path: string): void;
  /** Anything may have been missed. */
  everythingChanged(): void;
};

export type ProjectRepositoriesDeps = {
  connection: Connection;
  projects: Pick<Projects, 'find'>;
  /** null: one came or went. */
  changed: (repository: Repository | null) => void;
  failed: (error: unknown) => void;
};

/** Milliseconds. Looking for repositories walks through folders, and for two seconds the gateway says what it found the last time. */
const gather = 2500;

export function createProjectRepositories(deps: ProjectRepositoriesDeps, project: string): ProjectRepositories {
  const { connection, projects, changed, failed } = deps;
  const known = new Map<string, Repository>();
  const refresher = createRefresher({ read: look, show: () => undefined, failed, gather });
  let over = false;

  async function look(): Promise<void> {
    const { git } = connection.client;
    const [found, operations, about] = await Promise.all([
      git.repositories({ project }),
      git.operations({ project }),
      projects.find(project),
    ]);
    if (over) return;
    const paths = new Set(found.map(({ path }) => path));
    for (const path of known.keys()) if (!paths.has(path)) remove(path);
    const fresh = found.filter(({ path }) => !known.has(path)).map((info) => createRepository({ connection, failed }, project, info));
    for (const repository of fresh) {
      known.set(repository.path, repository);
      // Who only looks commits nothing.
      repository.sourceControl.inputBox.visible = about?.role !== 'viewer';
      repository.onDidChange(() => changed(repository));
    }
    for (const info of found) known.get(info.path)!.update(info);
    for (const operation of operations) known.get(operation.repository)?.operation(operation);
    changed(null);
    await Promise.all(fresh.map((repository) => repository.refresh()));
  }

  function remove(path: string): void {
    known.get(path)!.dispose();
    known.delete(path);
  }

  void refresher.now().catch(failed);
  return {
    get all() {
      return [...known.values()];
    },
    refresh: refresher.now,
    filesChanged(changes) {
      const paths = [...known.keys()];
      if (changes.some((change) => change.type === 'reset' || movesRepository(change, paths))) refresher.ask();
      for (const [path, repository] of known) {
        const inside = changes.flatMap((change) => (change.type === 'reset' ? '' : (within(path, change.path) ?? [])));
        if (inside.some(matters)) repository.touch();
      }
    },
    operationChanged(operation) {
      known.get(operation.repository)?.operation(operation);
      if (operation.action === 'clone' && operation.state === 'succeeded') refresher.now().catch(failed);
    },
    repositoryChanged(path) {
      // Its remote may be another one, too.
      refresher.ask();
      known.get(path)?.touch();
    },
    everythingChanged() {
      refresher.ask();
      for (const repository of known.values()) repository.touch();
    },
    dispose() {
      over = true;
      refresher.dispose();
      [...known.keys()].forEach(remove);
      changed(null);
    },
  };
}
