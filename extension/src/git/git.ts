/** The room of Git: projects' repositories in Source Control, and the commands of it. */
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { type Place, placeOf, scheme } from '../files/uri.ts';
import type { Watching } from '../files/watching.ts';
import { type Node, placeOfNode } from '../projects/nodes.ts';
import type { Projects } from '../projects/store.ts';
import { confirm } from '../vs/ask.ts';
import type { Handler } from '../vs/commands.ts';
import { checkOutBranch, createBranch, deleteBranch, renameBranch } from './branches.ts';
import { checkOut } from './check-out.ts';
import { commit } from './commit.ts';
import { createConflictLenses, settleConflict } from './conflicts.ts';
import { createGitContent } from './content.ts';
import { createDecorations } from './decorations.ts';
import { askIdentity } from './identity.ts';
import { mending } from './mend.ts';
import { addRemote, removeRemote } from './remotes.ts';
import { type Repositories, createRepositories } from './repositories.ts';
import type { Repository, Resource } from './repository.ts';
import { change, discard, openChanges, openFiles, stage } from './staging.ts';
import { applyStash, dropStash, popLatestStash, stash } from './stashes.ts';
import { fetch_, forcePush, pull, push, sync } from './sync.ts';
import { type GroupOrRepository, type Targets, createTargets } from './target.ts';
import { manageTokens } from './tokens.ts';

export type GitDeps = { connection: Connection; projects: Projects; repositories: Repositories; memory: vscode.Memento };

export type GitRoomDeps = {
  connection: Connection;
  projects: Projects;
  watching: Watching;
  memory: vscode.Memento;
  log: vscode.LogOutputChannel;
};

export function createGitRoom(room: GitRoomDeps) {
  const content = createGitContent(room.connection);
  const repositories = createRepositories({ ...room, content });
  const deps: GitDeps = { ...room, repositories };
  const tellMenus = () => {
    const { all } = repositories;
    const underway = all.filter(({ status }) => status?.underway).map(({ root }) => root.toString());
    void vscode.commands.executeCommand('setContext', 'bine.repositoryOpen', all.length > 0);
    // Menus look for their own repository in it.
    void vscode.commands.executeCommand('setContext', 'bine.underway', underway.length > 0 ? underway : undefined);
  };
  const disposables = vscode.Disposable.from(
    content,
    repositories,
    createDecorations(repositories),
    createConflictLenses(repositories),
    repositories.onDidChange(tellMenus),
  );
  const targets = createTargets(repositories);
  return {
    repositories,
    commands: { ...fileCommands(deps, targets), ...repositoryCommands(deps, targets), ...generalCommands(deps) },
    dispose: () => disposables.dispose(),
  };
}

function generalCommands(deps: GitDeps) {
  return {
    'bine.checkOutRepository': (where?: Node | vscode.Uri) => checkOut(deps, where && folderOf(where)),
    'bine.manageGitTokens': () => manageTokens(deps.connection),
    'bine.settleConflict': settleConflict,
    'bine.setGitIdentity': () => askIdentity(deps.connection),
  } satisfies Record<string, Handler>;
}

/** The title of a view hands over what it likes. */
function folderOf(where: Node | vscode.Uri): Place | undefined {
  if ('kind' in where) return where.kind === 'file' ? undefined : placeOfNode(where);
  return where.scheme === scheme ? (placeOf(where) ?? undefined) : undefined;
}

function fileCommands(deps: GitDeps, targets: Targets) {
  const { all, resources } = targets;
  return {
    'bine.openChanges': (...states: Resource[]) => openChanges(resources(states)[0]!),
    'bine.openChangedFile': (...states: Resource[]) => openFiles(resources(states)),
    'bine.stageChanges': (...states: Resource[]) => stage(deps, resources(states)),
    'bine.unstageChanges': (...states: Resource[]) =>
      change(
        deps,
        'unstage',
        resources(states).filter((each) => each.group === 'index'),
      ),
    'bine.discardChanges': (...states: Resource[]) =>
      discard(
        deps,
        resources(states).filter((each) => each.group !== 'index'),
      ),
    'bine.stageAllChanges': async (one?: GroupOrRepository) => stage(deps, await all(one, ['workingTree', 'untracked'])),
    'bine.unstageAllChanges': async (one?: GroupOrRepository) => change(deps, 'unstage', await all(one, ['index'])),
    'bine.discardAllChanges': async (one?: GroupOrRepository) => discard(deps, await all(one, ['workingTree'])),
  } satisfies Record<string, Handler>;
}

function repositoryCommands(deps: GitDeps, targets: Targets) {
  const on = (act: (deps: GitDeps, repository: Repository) => unknown) => async (one?: vscode.SourceControl) =>
    act(deps, await targets.repository(one));
  return {
    'bine.refreshRepository': on((_, repository) => repository.during(() => repository.refresh())),
    'bine.commit': on((_, repository) => commit(deps, repository)),
    'bine.amendCommit': on((_, repository) => commit(deps, repository, true)),
    'bine.sync': on(sync),
    'bine.pull': on((_, repository) => pull(deps, repository)),
    'bine.pullWithRebase': on((_, repository) => pull(deps, repository, 'rebase')),
    'bine.push': on((_, repository) => push(deps, repository)),
    'bine.forcePush': on(forcePush),
    'bine.fetch': on(fetch_),
    'bine.checkOutBranch': on(checkOutBranch),
    'bine.createBranch': on(createBranch),
    'bine.renameBranch': on(renameBranch),
    'bine.deleteBranch': on(deleteBranch),
    'bine.stash': on((_, repository) => stash(deps, repository)),
    'bine.stashWithUntracked': on((_, repository) => stash(deps, repository, true)),
    'bine.popLatestStash': on(popLatestStash),
    'bine.popStash': on((_, repository) => applyStash(deps, repository, true)),
    'bine.applyStash': on((_, repository) => applyStash(deps, repository, false)),
    'bine.dropStash': on(dropStash),
    'bine.addRemote': on(addRemote),
    'bine.removeRemote': on(removeRemote),
    'bine.abortMerge': on(abort),
  } satisfies Record<string, Handler>;
}

async function abort({ connection }: GitDeps, repository: Repository): Promise<void> {
  const what = repository.status?.underway ?? 'merge';
  await confirm(
    `Abort the ${what} in ${repository.name}?`,
    'Everything goes back to how it was before it. What was settled since is lost.',
    `Abort ${what}`,
  );
  await mending({ connection, title: 'Abort', repository }, () =>
    repository.during(async () => repository.put(await connection.client.git.abort(repository.at))),
  );
}
