import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { placeOf } from '../src/files/uri.ts';
import { freshFolder, project } from './bine.ts';
import { closeNotebook, environment, openNotebook, prepare } from './notebook.ts';

describe('A new notebook', () => {
  const opened = () => vscode.window.activeNotebookEditor!.notebook;

  it('is made in the folder that is meant, opened, and can run', async function () {
    const api = await prepare(this);
    const folder = await freshFolder();
    await vscode.commands.executeCommand('bine.newNotebook', folder);
    const { uri } = opened();
    assert.equal(uri.toString(), vscode.Uri.joinPath(folder, 'Untitled.ipynb').toString());
    const notebook = await openNotebook(api, uri);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(notebook.cell(0).document.uri, new vscode.Position(0, 0), '6 * 7');
    await vscode.workspace.applyEdit(edit);
    await api.notebooks.select(notebook.document, environment, AbortSignal.timeout(120_000));
    await notebook.run(0);
    assert.deepEqual(notebook.outputs(0), ['42']);
    await notebook.session.shutDown();
    await closeNotebook();
  });

  it('has a name that is free', async () => {
    const folder = await freshFolder();
    const names = [];
    for (let number = 0; number < 3; number++) {
      await vscode.commands.executeCommand('bine.newNotebook', folder);
      names.push(opened().uri.path.split('/').at(-1));
      await closeNotebook();
    }
    assert.deepEqual(names, ['Untitled.ipynb', 'Untitled-1.ipynb', 'Untitled-2.ipynb']);
  });

  it('goes into the project that is open where no folder is meant', async () => {
    await vscode.commands.executeCommand('bine.newNotebook');
    assert.equal(placeOf(opened().uri)?.project, project);
    const { uri } = opened();
    await closeNotebook();
    await vscode.workspace.fs.delete(uri);
  });
});
