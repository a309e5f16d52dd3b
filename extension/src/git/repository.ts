/** One repository in Source Control: its groups, its box, its place in the status bar. */
import type { GitFile, GitOperation, GitStatus, Repository as Info } from '@bine/shared';
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { scheme, uriPath } from '../files/uri.ts';
import { gitUri } from './content.ts';
import { type Refresher, createRefresher } from './refresher.ts';
import { isOver, operationText } from './operation-words.ts';
import { type GroupId, branchText, countOf, groups, headName, inputPlaceholder, markOf, syncText, within } from './words.ts';

/** A file in a group. */
export type Resource = vscode.SourceControlResourceState & { repository: Repository; group: GroupId; file: GitFile };

export type Repository = vscode.Disposable & {
  readonly project: string;
  readonly path: string;
  /** As procedures take it. */
  readonly at: { project: string; repository: string };
  readonly name: string;
  readonly root: vscode.Uri;
  readonly sourceControl: vscode.SourceControl;
  /** null: not known yet. */
  readonly status: GitStatus | null;
  /** URL that it is pushed to. */
  readonly remote: string | null;
  readonly resources: readonly Resource[];
  readonly onDidChange: vscode.Event<void>;
  /** Which of its groups it is. */
  groupOf(group: object): GroupId | undefined;
  uriOf(path: string): vscode.Uri;
  /** Reads it soon. */
  touch(): void;
  /** Reads it now. @throws Problem */
  refresh(): Promise<void>;
  /** What an answer told. */
  put(status: GitStatus): void;
  update(info: Info): void;
  /** An operation over the network began or ended. */
  operation(operation: GitOperation): void;
  /** After what was begun before it, with a bar in the view while it lasts. Never one in another. */
  during<T>(work: () => Promise<T>): Thenable<T>;
};

export type RepositoryDeps = { connection: Connection; failed: (error: unknown) => void };

/** Changes of files are gathered for so long, in milliseconds. */
const gather = 150;

export function createRepository({ connection, failed }: RepositoryDeps, project: string, first: Info): Repository {
  const changed = new vscode.EventEmitter<void>();
  const root = vscode.Uri.from({ scheme, path: uriPath({ project, path: first.path }) });
  const at = { project, repository: first.path };
  const uriOf = (path: string) => vscode.Uri.joinPath(root, path);
  const sourceControl = vscode.scm.createSourceControl('bine-git', 'Git', root);
  const shown = new Map(groups.map(({ id, label }) => [id, sourceControl.createResourceGroup(id, label)]));
  const operations = new Map<string, GitOperation>();
  // Files that were staged a moment ago are to be in a commit, and two changes at once would lock each other out.
  let last: Promise<unknown> = Promise.resolve();
  const now = { info: first, status: null as GitStatus | null, resources: [] as Resource[] };

  const refresher: Refresher<GitStatus> = createRefresher({ read: () => connection.client.git.status(at), show: put, failed, gather });

  function put(status: GitStatus): void {
    if (status.notice) void vscode.window.showWarningMessage(status.notice);
    suggestMessage(sourceControl.inputBox, now.status, status);
    now.status = status;
    // What is as it was stays the same object: VS Code keeps its row, its selection and what was clicked a moment ago.
    const known = new Map(now.resources.map((resource) => [keyOf(resource), resource]));
    now.resources = groups.flatMap(({ id, of }) => {
      const resources = of(status).map((file) => known.get(keyOf({ group: id, file })) ?? resourceOf(self, id, file));
      shown.get(id)!.resourceStates = resources;
      return resources;
    });
    sourceControl.count = countOf(status);
    sourceControl.inputBox.placeholder = inputPlaceholder(status);
    tell();
  }

  function tell(): void {
    if (now.status) sourceControl.statusBarCommands = statusBar(self, now.status, [...operations.values()][0]);
    changed.fire();
  }

  for (const [id, group] of shown) group.hideWhenEmpty = id !== 'workingTree';
  sourceControl.inputBox.placeholder = 'Message (Ctrl+Enter to commit)';
  sourceControl.quickDiffProvider = { provideOriginalResource: (uri) => originalOf(self, uri) };

  const self: Repository = {
    project,
    path: first.path,
    at,
    name: first.path.split('/').at(-1) || project,
    root,
    sourceControl,
    get status() {
      return now.status;
    },
    get remote() {
      return now.info.remote;
    },
    get resources() {
      return now.resources;
    },
    onDidChange: changed.event,
    groupOf: (group) => [...shown].find(([, each]) => each === group)?.[0],
    uriOf,
    touch: refresher.ask,
    refresh: refresher.now,
    put: refresher.put,
    update(info) {
      now.info = info;
      tell();
    },
    operation(operation) {
      if (isOver(operation)) operations.delete(operation.id);
      else operations.set(operation.id, operation);
      tell();
    },
    during(work) {
      const after = last.then(work);
      last = after.then(ignore, ignore);
      return vscode.window.withProgress({ location: vscode.ProgressLocation.SourceControl }, () => after);
    },
    dispose() {
      refresher.dispose();
      sourceControl.dispose();
      changed.dispose();
    },
  };
  sourceControl.acceptInputCommand = { command: 'bine.commit', title: 'Commit', arguments: [sourceControl] };
  return self;
}

const keyOf = ({ group, file }: Pick<Resource, 'group' | 'file'>) => JSON.stringify([group, file.path, file.status, file.from]);
const ignore = () => undefined;

function resourceOf(repository: Repository, group: GroupId, file: GitFile): Resource {
  const { tooltip, struck } = markOf(file, group);
  const resource: Resource = {
    repository,
    group,
    file,
    resourceUri: repository.uriOf(file.path),
    contextValue: file.status,
    decorations: { tooltip, strikeThrough: struck, faded: false },
  };
  return Object.assign(resource, { command: { command: 'bine.openChanges', title: 'Open Changes', arguments: [resource] } });
}

/** Git's own words for a merge stand in the box when it begins, and go when it ends and nobody changed them. */
function suggestMessage(box: vscode.SourceControlInputBox, before: GitStatus | null, { message }: GitStatus): void {
  const [old, next] = [before?.message?.trim() ?? '', message?.trim() ?? ''];
  if (old !== next && box.value.trim() === old) box.value = next;
}

function statusBar(repository: Repository, status: GitStatus, operation: GitOperation | undefined): vscode.Command[] {
  const { sourceControl, name, remote } = repository;
  const sync = syncText(status, remote, operation ? operationText(operation) : null);
  const where = `${name}: ${headName(status)}. Check out another branch…`;
  return [
    { command: 'bine.checkOutBranch', title: branchText(status), tooltip: where, arguments: [sourceControl] },
    ...(sync
      ? [
          {
            command: sync.does === 'push' ? 'bine.push' : 'bine.sync',
            title: sync.title,
            tooltip: sync.tooltip,
            arguments: [sourceControl],
          },
        ]
      : []),
  ];
}

/** What the editor compares a file with, in its gutter: what is staged of it. */
function originalOf({ project, path: folder, at, status }: Repository, uri: vscode.Uri): vscode.Uri | undefined {
  const path = uri.scheme === scheme ? within(uriPath({ project, path: folder }), uri.path) : null;
  if (!path || path.startsWith('.git/') || !status) return undefined;
  if (status.untracked.some((file) => file.path === path || (file.path.endsWith('/') && path.startsWith(file.path)))) return undefined;
  // In a conflict it is staged three times over.
  const ref = status.conflicts.some((file) => file.path === path) ? 'HEAD' : '';
  return gitUri({ ...at, path, ref });
}
