import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { type OpenNotebook, closeNotebook, openNotebook, prepare, writeNotebook } from './notebook.ts';

describe('A notebook that is written', () => {
  let notebook: OpenNotebook;

  before(async function () {
    notebook = await openNotebook(
      await prepare(this),
      await writeNotebook([
        'class Word(str):\n    loud = True\n\ndef greet(name: str, *, mark="!"):\n    "Greets somebody."\n\nword = Word("x")',
        '',
      ]),
    );
    await notebook.run(0);
  });
  after(async () => {
    await notebook.session.shutDown();
    await closeNotebook();
  });

  /** Writes it into the second cell; answers its document and where it ends. */
  async function write(code: string) {
    const { document } = notebook.cell(1);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), code);
    await vscode.workspace.applyEdit(edit);
    return [document.uri, document.positionAt(code.length)] as const;
  }
  const complete = async (code: string) => {
    const args = await write(code);
    const { items } = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      ...args,
      '.',
      100,
    );
    return items;
  };
  const labelOf = ({ label }: vscode.CompletionItem) => (typeof label === 'string' ? label : label.label);
  const plain = (content: unknown) => (content as vscode.MarkdownString).value;

  it('is completed from what its variables are, with documentation', async () => {
    const found = (await complete('word.')).map(labelOf);
    assert.ok(found.includes('loud'), found.join());
    const strip = (await complete('word.strip')).find((item) => labelOf(item) === 'strip')!;
    assert.match(strip.detail!, /strip\(chars=None/);
    assert.match(plain(strip.documentation), /leading and trailing whitespace/);
  });

  it('is completed while the kernel answers the question before', async () => {
    const args = await write('word.');
    const ask = () => vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', ...args, '.');
    void vscode.commands.executeCommand('vscode.executeHoverProvider', args[0], new vscode.Position(0, 1));
    void vscode.commands.executeCommand('vscode.executeHoverProvider', args[0], new vscode.Position(0, 2));
    const { items } = await ask();
    assert.ok(items.map(labelOf).includes('loud'));
  });

  it('says what a name is', async () => {
    const [uri] = await write('greet');
    const [hover] = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', uri, new vscode.Position(0, 2));
    const said = hover!.contents.map(plain).join();
    assert.match(said, /greet\(name: str, \*, mark='!'\)/);
    assert.match(said, /Greets somebody\./);
  });

  it('shows the parameters of a call, and which of them is typed', async () => {
    const help = async (code: string) =>
      vscode.commands.executeCommand<vscode.SignatureHelp>('vscode.executeSignatureHelpProvider', ...(await write(code)), '(');
    const first = await help('greet(');
    assert.match(first.signatures[0]!.label, /^greet\(name: str/);
    assert.equal(first.activeParameter, 0);
    assert.equal((await help('greet("x", mark=')).activeParameter, 2);
  });
});
