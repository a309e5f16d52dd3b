import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { placeOf } from '../src/files/uri.ts';
import { bytes, text, until } from './bine.ts';
import { type OpenNotebook, closeNotebook, openNotebook, prepare, writeNotebook } from './notebook.ts';

describe('A link in an output', () => {
  let notebook: OpenNotebook;
  let module: vscode.Uri;
  const code = 'import warnings\nimport sys\nwarnings.warn("é")';

  before(async function () {
    const api = await prepare(this);
    const uri = await writeNotebook([
      'import sys\nsys.path.insert(0, __import__("os").path.dirname("FOLDER"))\nimport model\nmodel.fit()',
      code,
    ]);
    module = vscode.Uri.joinPath(uri, '../model.py');
    await vscode.workspace.fs.writeFile(module, bytes('def fit():\n    x = 0\n    return 1 / x\n'));
    const file = text(await vscode.workspace.fs.readFile(uri));
    await vscode.workspace.fs.writeFile(uri, bytes(file.replace('FOLDER', `/project/${placeOf(module)!.path}`)));
    notebook = await openNotebook(api, uri);
    await notebook.start(0);
    await until(vscode.workspace.onDidChangeNotebookDocument, () => notebook.cell(0).executionSummary?.success === false || undefined);
    await notebook.run(1);
  });
  after(async () => {
    await notebook.session.shutDown();
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await closeNotebook();
  });

  /** As VS Code opens the link of a path. */
  async function follow(path: string, line: number, expected: vscode.Uri): Promise<number> {
    const uri = vscode.Uri.from({ scheme: 'bine', path });
    await vscode.window.showNotebookDocument(notebook.document);
    await vscode.commands.executeCommand('vscode.open', uri, { selection: new vscode.Range(line, 0, line, 0) });
    const change = (look: () => number | undefined) => until(vscode.window.onDidChangeTextEditorSelection, look);
    return change(() => {
      const editor = vscode.window.activeTextEditor;
      return editor?.document.uri.toString() === expected.toString() ? editor.selection.active.line : undefined;
    });
  }

  it('to a module of the project opens it', async () => {
    const { stack } = JSON.parse(text(notebook.cell(0).outputs[0]!.items[0]!.data)) as { stack: string };
    // oxlint-disable-next-line no-control-regex -- as VS Code reads the link, without colours
    const [, path] = /File\s+(\/project\/.+?model\.py):3/.exec(stack.replaceAll(/\u001b\[[0-9;]*m/g, ''))!;
    assert.equal(await follow(path!, 2, module), 2);
    const open = vscode.window.tabGroups.all
      .flatMap(({ tabs }) => tabs)
      .flatMap(({ input }) => (input instanceof vscode.TabInputText ? [input.uri.path] : []));
    assert.deepEqual(open, [module.path]);
  });

  it('to the file of a cell, as in a warning, shows the cell', async () => {
    const said = notebook.outputs(1).join('');
    const [, path, line] = /^(\/tmp\/ipykernel_\d+\/\d+\.py):(\d+): UserWarning/.exec(said)!;
    assert.equal(await follow(path!, Number(line) - 1, notebook.cell(1).document.uri), 2);
  });
});
