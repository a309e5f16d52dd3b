/**
 * Paths as programs see them: `/project/pkg/model.py` in a traceback, `/tmp/ipykernel_7/1234.py` in a warning. VS Code makes
 * `bine:` URIs of such links in outputs; here they lead to the project's file and to the notebook's cell.
 */
import * as vscode from 'vscode';
import type { Projects } from '../projects/store.ts';
import { cellNumberOf, numberOfCode } from './cell-files.ts';
import { placeOf, scheme, uriPath } from './uri.ts';

export type ContainerPaths = vscode.Disposable & {
  /** What is meant; the same URI where it is none of these paths. */
  real(uri: vscode.Uri): vscode.Uri;
  wrap(fileSystem: vscode.FileSystemProvider): vscode.FileSystemProvider;
};

/** Milliseconds in which VS Code says which line of an opened file is meant. */
const settling = 300;

export function createContainerPaths(projects: Pick<Projects, 'all'>): ContainerPaths {
  function real(uri: vscode.Uri): vscode.Uri {
    const place = uri.scheme === scheme ? placeOf(uri) : null;
    if (!place || !projects.all || projects.all.some(({ name }) => name === place.project)) return uri;
    if (cellNumberOf(uri.path) !== null) return cellOf(uri)?.document.uri ?? uri;
    const project = place.project === 'project' ? projectInView() : null;
    return project === null ? uri : uri.with({ path: uriPath({ project, path: place.path }) });
  }

  async function follow(editor: vscode.TextEditor | undefined): Promise<void> {
    if (!editor) return;
    const { uri } = editor.document;
    const target = real(uri);
    if (target === uri) return;
    await lineIsKnown(editor);
    const selection = new vscode.Range(editor.selection.active, editor.selection.active);
    await vscode.commands.executeCommand('vscode.open', target, { selection, viewColumn: editor.viewColumn ?? vscode.ViewColumn.Active });
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    const left = tabs.filter(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri.toString());
    await vscode.window.tabGroups.close(left);
  }

  const subscription = vscode.window.onDidChangeActiveTextEditor((editor) => void follow(editor));
  return {
    real,
    wrap: (fileSystem) => ({
      ...fileSystem,
      async stat(uri) {
        const cell = cellOf(uri);
        if (!cell) return fileSystem.stat(real(uri));
        const size = new TextEncoder().encode(cell.document.getText()).length;
        return { type: vscode.FileType.File, ctime: 0, mtime: 0, size, permissions: vscode.FilePermission.Readonly };
      },
      readFile(uri) {
        const cell = cellOf(uri);
        return cell ? new TextEncoder().encode(cell.document.getText()) : fileSystem.readFile(real(uri));
      },
      readDirectory: (uri) => fileSystem.readDirectory(real(uri)),
      writeFile: (uri, ...rest) => fileSystem.writeFile(real(uri), ...rest),
    }),
    dispose: () => subscription.dispose(),
  };
}

function cellOf({ scheme: given, path }: vscode.Uri): vscode.NotebookCell | undefined {
  const number = given === scheme ? cellNumberOf(path) : null;
  if (number === null) return undefined;
  const cells = inView().flatMap((notebook) => notebook.getCells());
  return cells.find(({ kind, document }) => kind === vscode.NotebookCellKind.Code && numberOfCode(document.getText()) === number);
}

/** The notebook that is looked at first: its output has the link that was clicked. */
function inView(): vscode.NotebookDocument[] {
  const active = vscode.window.activeNotebookEditor?.notebook;
  const visible = vscode.window.visibleNotebookEditors.map(({ notebook }) => notebook);
  return [...new Set([...(active ? [active] : []), ...visible, ...vscode.workspace.notebookDocuments])];
}

function projectInView(): string | null {
  const uris = [...inView().map(({ uri }) => uri), ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri)];
  const uri = uris.find((each) => each.scheme === scheme);
  return (uri && placeOf(uri)?.project) ?? null;
}

function lineIsKnown(editor: vscode.TextEditor): Promise<void> {
  if (editor.selection.active.line > 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      subscription.dispose();
      resolve();
    };
    const timer = setTimeout(done, settling);
    const subscription = vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => textEditor === editor && done());
  });
}
