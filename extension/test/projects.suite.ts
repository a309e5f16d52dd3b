import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { BineApi } from '../src/extension.ts';
import type { Node } from '../src/projects/nodes.ts';
import { bine, bytes, freshFolder, project, text, until, writeElsewhere } from './bine.ts';

const { fs } = vscode.workspace;

describe('The view "Projects"', () => {
  let api: BineApi;
  let folder: vscode.Uri;
  const labels = async (node?: Node) => ((await api.projects.getChildren(node)) ?? []).map((child) => child.project.name + pathOf(child));
  const pathOf = (node: Node) => (node.kind === 'project' ? '' : `/${node.stat.path}`);
  const nodeOf = (uri: vscode.Uri) => api.projects.nodeAt(uri.path);

  /** Opens folders down to this one, as a user would. */
  async function reveal(uri: vscode.Uri): Promise<Node> {
    let nodes = (await api.projects.getChildren()) ?? [];
    const parts = uri.path.split('/').slice(1);
    for (const [i] of parts.entries()) {
      const node = nodes.find((each) => `/${each.project.name}${pathOf(each)}` === `/${parts.slice(0, i + 1).join('/')}`);
      if (i === parts.length - 1) return node!;
      nodes = (await api.projects.getChildren(node)) ?? [];
    }
    throw new Error('unreachable');
  }

  before(async () => {
    api = await bine();
    await vscode.commands.executeCommand('bine.projects.focus');
  });
  beforeEach(async () => {
    folder = await freshFolder();
  });

  it('lists projects, each with its files when it is opened', async () => {
    await fs.writeFile(vscode.Uri.joinPath(folder, 'a.py'), bytes('1'));
    assert.ok((await labels()).includes(project));
    const node = await reveal(folder);
    assert.deepEqual(await labels(node), [folder.path.slice(1) + '/a.py']);
  });

  it('shows a project as soon as it is created, and no longer when it is deleted', async () => {
    const name = `p${crypto.randomUUID().slice(0, 8)}`;
    const changed = api.projects.onDidChangeTreeData!;
    await api.connection.client.projects.create({ name });
    await until(changed, async () => (await labels()).includes(name) || undefined);
    await api.connection.client.projects.delete({ project: name });
    await until(changed, async () => !(await labels()).includes(name) || undefined);
  });

  it('looks like files do elsewhere in VS Code', async () => {
    await fs.writeFile(vscode.Uri.joinPath(folder, 'a b.ipynb'), bytes('{}'));
    await reveal(vscode.Uri.joinPath(folder, 'a b.ipynb'));
    const item = await api.projects.getTreeItem(nodeOf(vscode.Uri.joinPath(folder, 'a b.ipynb'))!);
    assert.equal(item.label, 'a b.ipynb');
    assert.equal(item.resourceUri?.toString(), vscode.Uri.joinPath(folder, 'a b.ipynb').toString());
    assert.equal(item.iconPath, vscode.ThemeIcon.File);
    assert.equal(item.command?.command, 'vscode.open');
    assert.equal(item.contextValue, 'file;program;write;own;');
  });

  it('shows what a program writes into a folder that is open', async () => {
    const node = await reveal(folder);
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, '**'));
    await writeElsewhere(api, vscode.Uri.joinPath(folder, 'result.csv'), '1');
    await until(
      api.projects.onDidChangeTreeData!,
      async () => (await labels(node)).some((label) => label.endsWith('result.csv')) || undefined,
    );
    watcher.dispose();
  });

  it('deletes what is selected, a folder with what is in it once', async () => {
    await fs.writeFile(vscode.Uri.joinPath(folder, 'd/a.py'), bytes('1'));
    const [inner, outer] = [await reveal(vscode.Uri.joinPath(folder, 'd/a.py')), await reveal(vscode.Uri.joinPath(folder, 'd'))];
    await vscode.commands.executeCommand('bine.deleteFile', inner, [inner, outer]);
    assert.deepEqual(await fs.readDirectory(folder), []);
  });

  it('copies paths as programs in kernels know them', async () => {
    await fs.writeFile(vscode.Uri.joinPath(folder, 'a.csv'), bytes('1'));
    const node = await reveal(vscode.Uri.joinPath(folder, 'a.csv'));
    await vscode.commands.executeCommand('bine.copyPath', node);
    assert.equal(await vscode.env.clipboard.readText(), `/project${folder.path.slice(project.length + 1)}/a.csv`);
  });

  it('moves what is dropped on a folder of the same project, and copies from elsewhere', async () => {
    await fs.writeFile(vscode.Uri.joinPath(folder, 'a.csv'), bytes('1'));
    await fs.createDirectory(vscode.Uri.joinPath(folder, 'd'));
    const outside = vscode.Uri.joinPath(vscode.Uri.file((await import('node:os')).tmpdir()), `bine-${crypto.randomUUID()}.txt`);
    await fs.writeFile(outside, bytes('mine'));
    const target = await reveal(vscode.Uri.joinPath(folder, 'd'));
    const data = new vscode.DataTransfer();
    const uris = [vscode.Uri.joinPath(folder, 'a.csv'), outside];
    data.set('text/uri-list', new vscode.DataTransferItem(uris.map(String).join('\r\n')));
    await api.dragAndDrop.handleDrop!(target, data, new vscode.CancellationTokenSource().token);
    await fs.delete(outside);
    const names = (await fs.readDirectory(vscode.Uri.joinPath(folder, 'd'))).map(([name]) => name);
    assert.deepEqual(names.sort(), ['a.csv', outside.path.split('/').at(-1)!].sort());
    assert.equal(
      text(
        await fs.readFile(
          vscode.Uri.joinPath(
            folder,
            'd',
            names.find((name) => name.endsWith('.txt'))!,
          ),
        ),
      ),
      'mine',
    );
  });
});
