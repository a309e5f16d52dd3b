import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { BineApi } from '../src/extension.ts';
import { bine, project, until } from './bine.ts';

describe('The view "Kernels"', () => {
  let api: BineApi;
  const kernels = async () => (await api.kernels.getChildren()) ?? [];
  const changed = () => api.kernels.onDidChangeTreeData!;
  const shown = (id: string) => until(changed(), async () => (await kernels()).find((kernel) => kernel.id === id));

  before(async () => {
    api = await bine();
    await vscode.commands.executeCommand('bine.kernels.focus');
  });

  it('shows a kernel with its notebook and what it is doing, until it is shut down, and then among those that ended', async () => {
    const { id } = await api.connection.client.kernels.start({ project, environment: 'python-inference', notebook: 'models/a.ipynb' });
    const kernel = await shown(id);
    const item = await api.kernels.getTreeItem(kernel);
    assert.equal(item.label, 'a.ipynb');
    assert.match(String(item.description), /^(building its environment|starting|idle)/);
    assert.match(item.contextValue ?? '', /;stop;.*notebook;/);

    await vscode.commands.executeCommand('bine.shutDownKernel', kernel);
    await until(changed(), async () => !(await kernels()).some((each) => each.id === id) || undefined);

    await vscode.commands.executeCommand('bine.showEndedKernels');
    const ended = await api.kernels.getTreeItem(await shown(id));
    assert.match(String(ended.description), /shut down/);
    assert.doesNotMatch(ended.contextValue ?? '', /;stop;/);
    await vscode.commands.executeCommand('bine.hideEndedKernels');
  });
});
