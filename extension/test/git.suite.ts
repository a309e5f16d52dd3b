import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { BineApi } from '../src/extension.ts';
import type { Repository, Resource } from '../src/git/repository.ts';
import { bine, bytes, freshFolder, text, until, writeElsewhere } from './bine.ts';

const { fs } = vscode.workspace;

describe('A repository in Source Control', () => {
  let api: BineApi;
  let repository: Repository;
  const changed = () => api.repositories.onDidChange;
  const file = (name: string) => vscode.Uri.joinPath(repository.root, name);
  const write = (name: string, content: string) => fs.writeFile(file(name), bytes(content));
  const states = () => repository.resources.map((each) => `${each.group}: ${each.file.status} ${each.file.path}`);
  /** Source Control shows this, now or soon. */
  const shows = (...expected: string[]) =>
    until(changed(), () => (JSON.stringify(states()) === JSON.stringify(expected) ? true : undefined)).catch((error: unknown) => {
      throw new Error(`It shows ${states().join(', ')}, not ${expected.join(', ')}`, { cause: error });
    });
  const resource = (path: string): Resource => repository.resources.find((each) => each.file.path === path)!;
  const run = (command: string, ...args: unknown[]) => vscode.commands.executeCommand(command, ...args);
  const log = () => api.connection.client.git.log({ ...repository.at });

  async function commit(message: string): Promise<void> {
    repository.sourceControl.inputBox.value = message;
    await run('bine.commit', repository.sourceControl);
  }

  /** As "git init" in a kernel's terminal makes it. */
  async function init(): Promise<Repository> {
    const folder = await freshFolder();
    for (const path of ['.git/objects', '.git/refs/heads']) await fs.createDirectory(vscode.Uri.joinPath(folder, path));
    const config = '[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n';
    await writeElsewhere(api, vscode.Uri.joinPath(folder, '.git/config'), config);
    await writeElsewhere(api, vscode.Uri.joinPath(folder, '.git/HEAD'), 'ref: refs/heads/main\n');
    return until(changed(), () => api.repositories.all.find(({ root, status }) => status && root.toString() === folder.toString()));
  }

  before(async () => {
    api = await bine();
    await api.connection.client.git.setIdentity({ name: 'Ann Example', email: 'ann@example.org' });
  });
  beforeEach(async () => {
    repository = await init();
  });

  it('appears when it is made, and goes with its folder', async () => {
    assert.equal(repository.status?.branch, 'main');
    assert.equal(repository.sourceControl.inputBox.placeholder, 'Message (Ctrl+Enter to commit on "main")');
    await fs.delete(repository.root, { recursive: true });
    await until(changed(), () => (api.repositories.all.includes(repository) ? undefined : true));
  });

  it('follows what programs write, and what others do with Git', async () => {
    await writeElsewhere(api, file('a.py'), '1\n');
    await shows('untracked: untracked a.py');
    await api.connection.client.git.stage({ ...repository.at, paths: ['a.py'] });
    await shows('index: added a.py');
    await api.connection.client.git.commit({ ...repository.at, message: 'Elsewhere' });
    await shows();
    await api.connection.client.git.createBranch({ ...repository.at, name: 'try' });
    await until(changed(), () => (repository.status?.branch === 'try' ? true : undefined));
    assert.match(repository.sourceControl.statusBarCommands?.[0]?.title ?? '', /try/);
  });

  it('stages and unstages files, and commits what is staged under the message in the box', async () => {
    await write('a.py', '1\n');
    await write('b.py', '1\n');
    await shows('untracked: untracked a.py', 'untracked: untracked b.py');
    await run('bine.stageChanges', resource('a.py'), resource('b.py'));
    await shows('index: added a.py', 'index: added b.py');
    await run('bine.unstageChanges', resource('b.py'));
    await shows('index: added a.py', 'untracked: untracked b.py');
    await commit('Add a');
    await shows('untracked: untracked b.py');
    assert.equal(repository.sourceControl.inputBox.value, '');
    const [last] = await log();
    assert.deepEqual([last?.subject, last?.author.name], ['Add a', 'Ann Example']);
    assert.equal(repository.sourceControl.count, 1);
  });

  it('shows what is different, in groups and in diffs', async () => {
    for (const name of ['changed.py', 'deleted.py', 'staged.py']) await write(name, 'old\n');
    await shows('untracked: untracked changed.py', 'untracked: untracked deleted.py', 'untracked: untracked staged.py');
    await run('bine.stageAllChanges', repository.sourceControl);
    await shows('index: added changed.py', 'index: added deleted.py', 'index: added staged.py');
    await commit('Begin');
    await write('staged.py', 'staged\n');
    await shows('workingTree: modified staged.py');
    await run('bine.stageChanges', resource('staged.py'));
    await write('changed.py', 'new\n');
    await fs.delete(file('deleted.py'));
    await shows('index: modified staged.py', 'workingTree: modified changed.py', 'workingTree: deleted deleted.py');
    assert.equal(resource('deleted.py').decorations?.strikeThrough, true);

    for (const [path, before, now] of [
      ['changed.py', 'old\n', 'new\n'],
      ['staged.py', 'old\n', 'staged\n'],
    ] as const) {
      const open = resource(path).command!;
      await run(open.command, ...(open.arguments ?? []));
      const { input } = vscode.window.tabGroups.activeTabGroup.activeTab!;
      assert.ok(input instanceof vscode.TabInputTextDiff);
      assert.deepEqual([text(await fs.readFile(input.original)), text(await fs.readFile(input.modified))], [before, now]);
    }
    await run('workbench.action.closeAllEditors');
  });

  it('gives the gutter what is staged, and tells when that is something else', async () => {
    await write('a.py', 'one\n');
    await shows('untracked: untracked a.py');
    const original = () =>
      repository.sourceControl.quickDiffProvider!.provideOriginalResource!(file('a.py'), token) as vscode.Uri | undefined;
    const { token } = new vscode.CancellationTokenSource();
    assert.equal(original(), undefined);
    await run('bine.stageAllChanges', repository.sourceControl);
    await commit('Add a');
    await shows();
    const document = await vscode.workspace.openTextDocument(original()!);
    assert.equal(document.getText(), 'one\n');
    await write('a.py', 'two\n');
    await shows('workingTree: modified a.py');
    await run('bine.stageChanges', resource('a.py'));
    await until(
      (listener) => vscode.workspace.onDidChangeTextDocument(listener),
      () => (document.getText() === 'two\n' ? true : undefined),
    );
  });

  it('amends the last commit with what is staged, under its message', async () => {
    await write('a.py', '1\n');
    await shows('untracked: untracked a.py');
    await run('bine.stageAllChanges', repository.sourceControl);
    await commit('Add a');
    await write('a.py', '2\n');
    await shows('workingTree: modified a.py');
    await run('bine.stageAllChanges', repository.sourceControl);
    await run('bine.amendCommit', repository.sourceControl);
    await shows();
    assert.deepEqual(
      (await log()).map(({ subject }) => subject),
      ['Add a'],
    );
  });

  it('brings back what was put aside', async () => {
    await write('a.py', '1\n');
    await shows('untracked: untracked a.py');
    await run('bine.stageAllChanges', repository.sourceControl);
    await commit('Add a');
    await write('a.py', '2\n');
    await shows('workingTree: modified a.py');
    await api.connection.client.git.stash({ ...repository.at });
    await shows();
    assert.equal(text(await fs.readFile(file('a.py'))), '1\n');
    await run('bine.popLatestStash', repository.sourceControl);
    await shows('workingTree: modified a.py');
    assert.equal(text(await fs.readFile(file('a.py'))), '2\n');
  });
});
