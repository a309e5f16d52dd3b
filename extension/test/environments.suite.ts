import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Node } from '../src/environments/nodes.ts';
import type { BineApi } from '../src/extension.ts';
import { bine, project, until } from './bine.ts';
import { type OpenNotebook, closeNotebook, environment as bundled, openNotebook, writeNotebook } from './notebook.ts';

type Of<K extends Node['kind']> = Extract<Node, { kind: K }>;

describe('The view "Environments"', function () {
  // Packages come from the index; the bundled environment may have to be built first.
  this.timeout(300_000);
  let api: BineApi;
  let notebook: OpenNotebook;
  const clone = 'inference';
  const changed = () => api.environments.onDidChangeTreeData!;
  const children = async (node?: Node) => (await api.environments.getChildren(node)) ?? [];
  const item = (node: Node) => api.environments.getTreeItem(node);

  async function environmentNode(name: string): Promise<Of<'environment'> | undefined> {
    const roots = await children();
    const root = roots.find((node) => node.kind === 'project' && node.project.name === project);
    const all = root ? await children(root) : roots;
    return all.find((node): node is Of<'environment'> => node.kind === 'environment' && node.environment.name === name);
  }
  const shown = (name: string) => until(changed(), () => environmentNode(name));

  /** The view knows of the revision a moment after whoever made it. */
  const revised = (name: string, revision: number) =>
    until(changed(), async () => {
      const node = await environmentNode(name);
      return node?.environment.revision === revision && node.environment.state === 'ready' ? node : undefined;
    });

  async function inside<K extends Node['kind']>(name: string, group: 'packages' | 'revisions' | 'users'): Promise<Of<K>[]> {
    const node = (await children(await environmentNode(name))).find(({ kind }) => kind === group);
    return (await children(node)) as Of<K>[];
  }
  const packageNode = async (name: string) => (await inside<'package'>(clone, 'packages')).find((node) => node.package.name === name);

  before(async () => {
    api = await bine();
    await vscode.commands.executeCommand('bine.environments.focus');
    await vscode.commands.executeCommand('bine.buildEnvironment', await shown(bundled));
    notebook = await openNotebook(api, await writeNotebook(['answer = 42', 'import iniconfig\nprint("found", iniconfig.__name__)']));
  });
  after(async () => {
    await notebook.session.shutDown();
    await closeNotebook();
  });

  it('shows a bundled environment that can be cloned and not changed', async () => {
    const node = await until(changed(), async () => {
      const found = await environmentNode(bundled);
      return found?.environment.state === 'ready' ? found : undefined;
    });
    const { description, contextValue } = await item(node);
    assert.equal(description, 'bundled');
    assert.match(contextValue ?? '', /;clone;bundled;/);
    assert.doesNotMatch(contextValue ?? '', /;install;/);
    const packages = await inside<'package'>(bundled, 'packages');
    assert.ok(packages.some((each) => each.package.name === 'ipykernel'));
    assert.equal(packages[0]!.package.direct, true);
  });

  it('takes a notebook from a bundled environment to a clone with what a cell missed, in one step', async () => {
    await notebook.run(0);
    const { id, epoch } = notebook.session.kernel!;
    await notebook.start(1);
    await notebook.untilShown(1, ([error]) => error?.includes('iniconfig') ?? false);
    await vscode.commands.executeCommand('bine.installMissing', notebook.cell(1));
    await notebook.untilShown(1, ([text]) => text === 'found iniconfig\n');
    assert.deepEqual([notebook.session.kernel?.id, notebook.session.kernel?.epoch], [id, epoch]);
    assert.equal(api.notebooks.environmentOf(notebook.document), clone);
    assert.equal(notebook.session.kernel?.environment, clone);
    const { description, contextValue } = await item(await revised(clone, 2));
    assert.equal(description, 'revision 2');
    assert.match(contextValue ?? '', /;install;edit;/);
    assert.equal(
      (await item((await packageNode('iniconfig'))!)).description?.toString().split(' ')[0],
      (await packageNode('iniconfig'))!.package.version,
    );
  });

  it('installs into a clone and runs again with what the kernel has in memory', async () => {
    const { id, epoch } = notebook.session.kernel!;
    const at = await notebook.add('answer = 43', 'import toolz\nprint(answer, list(toolz.concat([[1], [2]])))');
    await notebook.run(at);
    await notebook.start(at + 1);
    await notebook.untilShown(at + 1, ([error]) => error?.includes('toolz') ?? false);
    await vscode.commands.executeCommand('bine.installMissing', notebook.cell(at + 1));
    await notebook.untilShown(at + 1, ([text]) => text === '43 [1, 2]\n');
    assert.deepEqual([notebook.session.kernel?.id, notebook.session.kernel?.epoch], [id, epoch]);
  });

  it('lists who uses an environment, and what was done to it', async () => {
    const [user] = await inside<'user'>(clone, 'users');
    assert.equal(user?.user.id, notebook.session.kernel?.id);
    assert.equal((await item(user!)).command?.command, 'bine.openKernelNotebook');
    await revised(clone, 3);
    const revisions = await inside<'revision'>(clone, 'revisions');
    assert.deepEqual(
      revisions.map((node) => [node.revision.number, node.revision.action]),
      [
        [3, 'change'],
        [2, 'change'],
        [1, 'clone'],
      ],
    );
    assert.match(String((await item(revisions[0]!)).description), /^current · .*toolz/);
    assert.doesNotMatch((await item(revisions[0]!)).contextValue ?? '', /;rollBack;/);
  });

  it('uninstalls a package, and rolls back to have it again', async () => {
    await vscode.commands.executeCommand('bine.uninstallPackages', await packageNode('toolz'));
    assert.equal(await packageNode('toolz'), undefined);
    await revised(clone, 4);
    const before = (await inside<'revision'>(clone, 'revisions')).find((node) => node.revision.number === 3);
    await vscode.commands.executeCommand('bine.rollBackEnvironment', before);
    assert.ok(await packageNode('toolz'));
    assert.equal((await inside<'revision'>(clone, 'revisions'))[0]!.revision.rollbackTo, 3);
  });

  it('goes on in an environment that is renamed', async () => {
    const { id } = notebook.session.kernel!;
    await api.connection.client.environments.update({ project, environment: clone, name: 'renamed' });
    await until(api.notebooks.onDidSelect, () => api.notebooks.environmentOf(notebook.document) === 'renamed' || undefined);
    assert.equal(await environmentNode(clone), undefined);
    const at = await notebook.add('answer');
    await notebook.run(at);
    assert.deepEqual([notebook.session.kernel?.id, notebook.outputs(at)], [id, ['43']]);
  });
});
