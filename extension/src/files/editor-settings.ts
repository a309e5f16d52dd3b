/**
 * A project's editor settings can make VS Code run programs on the user's machine: a terminal's shell, a task. VS Code trusts every
 * folder that is not on a disk, so the settings of a project are kept from it until the user has said that this project may.
 */
import * as vscode from 'vscode';
import type { Connection } from '../connection/client.ts';
import { pick } from '../vs/ask.ts';
import { placeOf, scheme } from './uri.ts';

export type EditorSettings = vscode.Disposable & {
  /** Whether this file is one that VS Code would obey, in a project that has not been allowed to. */
  isWithheld(this: void, uri: vscode.Uri): boolean;
  /** VS Code asked for such a file and it is there: the user is told, once in a window for each project. */
  withhold(this: void, uri: vscode.Uri): vscode.FileSystemError;
  /** The user wrote such a file where there was none. */
  allow(this: void, project: string): Promise<void>;
  readonly onDidChangeFile: vscode.Event<vscode.FileChangeEvent[]>;
  readonly commands: { 'bine.useEditorSettings': () => Promise<void> };
};

const obeyed = /(^|\/)\.vscode\/(settings|tasks|launch|mcp)\.json$|\.code-workspace$/;
const allowedKey = 'bine.editorSettingsAllowed';
/** Shows such a file in an editor: a scheme of its own, under which VS Code looks for no settings. */
const shownScheme = 'bine-editor-settings';
const use = 'Use Them';
const show = 'Show Them';

export const isEditorSettings = (uri: vscode.Uri) => obeyed.test(uri.path);

type Deps = { connection: Pick<Connection, 'address'>; memory: vscode.Memento; read: (uri: vscode.Uri) => Promise<Uint8Array> };

export function createEditorSettings({ connection, memory, read }: Deps): EditorSettings {
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const withheld = new Map<string, Set<string>>();
  const idOf = (project: string) => `${connection.address} ${project}`;
  const allowed = () => memory.get<string[]>(allowedKey, []);

  async function allow(project: string): Promise<void> {
    if (!allowed().includes(idOf(project))) await memory.update(allowedKey, [...allowed(), idOf(project)]);
    const files = [...(withheld.get(project) ?? [])];
    withheld.delete(project);
    changed.fire(files.map((path) => ({ type: vscode.FileChangeType.Changed, uri: vscode.Uri.from({ scheme, path }) })));
  }

  async function tell(project: string): Promise<void> {
    const text = `"${project}" has editor settings in .vscode. They can start programs on this computer, so they are not used.`;
    const answer = await vscode.window.showWarningMessage(text, use, show);
    if (answer === use) await allow(project);
    if (answer === show) {
      for (const path of withheld.get(project) ?? []) {
        await vscode.window.showTextDocument(vscode.Uri.from({ scheme: shownScheme, path }), { preview: false });
      }
      await tell(project);
    }
  }

  const provider = vscode.workspace.registerTextDocumentContentProvider(shownScheme, {
    provideTextDocumentContent: async (uri) => new TextDecoder().decode(await read(uri.with({ scheme }))),
  });
  return {
    isWithheld(uri) {
      const place = placeOf(uri);
      return place !== null && isEditorSettings(uri) && !allowed().includes(idOf(place.project));
    },
    withhold(uri) {
      const { project } = placeOf(uri)!;
      const first = !withheld.has(project);
      withheld.set(project, (withheld.get(project) ?? new Set()).add(uri.path));
      if (first) void tell(project);
      return vscode.FileSystemError.NoPermissions(
        `The editor settings of "${project}" are not used. To use them, run "Bine: Use Editor Settings of a Project…".`,
      );
    },
    allow,
    onDidChangeFile: changed.event,
    commands: {
      async 'bine.useEditorSettings'() {
        const choices = [...withheld.keys()].map((project) => ({ label: project, value: project }));
        await allow(await pick(choices, { title: 'Use Editor Settings', placeHolder: 'Projects whose .vscode folder is not used' }));
      },
    },
    dispose: () => vscode.Disposable.from(changed, provider).dispose(),
  };
}
