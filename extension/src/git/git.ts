/** The room of Git: projects' repositories in Source Control, and the commands of it. */
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { continueMerge, skipMerge } from './proceed.ts';
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
import { createMenuKeys } from './menus.ts';
import { mending } from './mend.ts';
import { initRepository } from './init.ts';
import { createOwnGit } from './own-git.ts';
import { addRemote, removeRemote } from './remotes.ts';
import { type Repositories, createRepositories } from './repositories.ts';
import type { Repository } from './repository.ts';
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
  const disposables = vscode.Disposable.from(
    content,
    repositories,
    createDecorations(repositories),
    createConflictLenses(repositories),
    createMenuKeys(repositories),
    createOwnGit(),
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
    'bine.initRepository': (where?: Node | vscode.Uri) => initRepository(deps, where && folderOf(where)),
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
    'bine.openChanges': (...given: unknown[]) => openChanges(resources(given).at(-1)!),
    'bine.openChangedFile': (...given: unknown[]) => openFiles(resources(given)),
    'bine.stageChanges': (...given: unknown[]) => stage(deps, resources(given)),
    'bine.unstageChanges': (...given: unknown[]) =>
      change(
        deps,
        'unstage',
        resources(given).filter((each) => each.group === 'index'),
      ),
    'bine.discardChanges': (...given: unknown[]) =>
      discard(
        deps,
        resources(given).filter((each) => each.group !== 'index'),
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
    'bine.continueMerge': on(continueMerge),
    'bine.skipMerge': on(skipMerge),
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
