import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { bine, bytes, freshFolder, text, until, writeElsewhere } from './bine.ts';

const { fs } = vscode.workspace;

describe('Saving a file', () => {
  let uri: vscode.Uri;
  let document: vscode.TextDocument;

  /** Opens the file and types into it, so that VS Code does not just load what somebody else writes. */
  async function openAndType(): Promise<void> {
    uri = vscode.Uri.joinPath(await freshFolder(), 'shared.py');
    await fs.writeFile(uri, bytes('one\n'));
    document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, new vscode.Position(0, 0), 'mine ');
    await vscode.workspace.applyEdit(edit);
  }

  before(bine);
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('stores what was typed', async () => {
    await openAndType();
    assert.equal(await document.save(), true);
    assert.equal(text(await fs.readFile(uri)), 'mine one\n');
  });

  it('twice in a row works', async () => {
    await openAndType();
    assert.equal(await document.save(), true);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, new vscode.Position(0, 0), 'still ');
    await vscode.workspace.applyEdit(edit);
    assert.equal(await document.save(), true);
    assert.equal(text(await fs.readFile(uri)), 'still mine one\n');
  });

  for (const [what, theirs] of [
    ['longer', 'one and two\n'],
    ['of the same length', 'two\n'],
  ] as const) {
    it(`does not overwrite a change of somebody else that is ${what}`, async () => {
      const api = await bine();
      await openAndType();
      await writeElsewhere(api, uri, theirs);
      assert.equal(await document.save(), false);
      assert.equal(text(await fs.readFile(uri)), theirs);
      assert.equal(document.isDirty, true);
    });
  }

  it('is not needed to see what somebody else wrote', async () => {
    const api = await bine();
    await openAndType();
    await document.save();
    await writeElsewhere(api, uri, 'from a kernel\n');
    await until(vscode.workspace.onDidChangeTextDocument, () => document.getText() === 'from a kernel\n' || undefined);
  });
});
