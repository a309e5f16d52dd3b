import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobExecution } from '@bine/shared';
import * as vscode from 'vscode';
import type { BineApi } from '../src/extension.ts';
import type { JobNode } from '../src/jobs/tree.ts';
import { bine, bytes, freshFolder, project, text, until } from './bine.ts';
import { closeNotebook, environment, writeNotebook } from './notebook.ts';

describe('Run as Job', function () {
  // The environment may have to be built first.
  let api: BineApi;
  let folder: string;
  const changed = () => api.jobs.onDidChangeTreeData!;
  const nodes = async (of?: JobNode) => (await api.jobs.getChildren(of)) ?? [];
  const client = () => api.connection.client;

  /** The execution that began last, once it is over, as the view has it. */
  async function ended(path: string): Promise<{ one: JobExecution; node: JobNode }> {
    return until(changed(), async () => {
      const job = (await nodes()).find((node) => node.kind === 'job' && node.job.path === path);
      const node = job && (await nodes(job)).find(({ kind }) => kind === 'execution');
      if (node?.kind !== 'execution' || node.execution.ended === null) return undefined;
      return { one: node.execution, node };
    });
  }
  async function logOf({ id }: JobExecution): Promise<string> {
    let all = '';
    for await (const { text } of await client().executions.log({ project, execution: id })) all += text;
    return all;
  }
  async function edit(uri: vscode.Uri, content: string): Promise<vscode.TextDocument> {
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
    const change = new vscode.WorkspaceEdit();
    change.replace(uri, new vscode.Range(0, 0, document.lineCount, 0), content);
    await vscode.workspace.applyEdit(change);
    assert.ok(document.isDirty);
    return document;
  }

  before(async () => {
    api = await bine();
    folder = await mkdtemp(join(tmpdir(), 'bine-local-'));
    // What is run without a question runs where the latest job does.
    await client().jobs.put({ project, job: 'earlier', path: 'earlier.py', environment });
    await vscode.commands.executeCommand('bine.jobs.focus');
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('runs a file of a project where it is, saved first, and shows how it went and what it left', async () => {
    const uri = vscode.Uri.joinPath(await freshFolder(), 'hello.py');
    await vscode.workspace.fs.writeFile(uri, bytes(''));
    const document = await edit(
      uri,
      'import os\nprint("hello", flush=True)\nopen(os.environ["BINE_RESULTS"] + "/answer.txt", "w").write("42")\n',
    );
    await vscode.commands.executeCommand('bine.runAsJob', uri);
    assert.equal(document.isDirty, false);

    const { one, node } = await ended(uri.path.slice(`/${project}/`.length));
    assert.deepEqual([one.state, one.exitCode, one.inputs.snapshot], ['succeeded', 0, null]);
    assert.match(await logOf(one), /^hello\r?$/m);
    const item = await api.jobs.getTreeItem(node);
    assert.match(String(item.description), /^\d+s ago /);
    assert.match(item.contextValue ?? '', /;rerun;/);

    const results = await nodes(node);
    const answer = results.find((each) => each.kind === 'result' && each.result.path === 'answer.txt')!;
    const { resourceUri } = await api.jobs.getTreeItem(answer);
    assert.equal(text(await vscode.workspace.fs.readFile(resourceUri!)), '42');
    await assert.rejects(async () => vscode.workspace.fs.writeFile(resourceUri!, bytes('43')), /not changed|read-?only/i);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
  });

  it('runs a file of this machine as it is seen, with the files around it, and leaves it unsaved', async () => {
    await writeFile(join(folder, 'train.py'), 'print("on the disk")\n');
    await writeFile(join(folder, 'lib.py'), 'word = "beside it"\n');
    const uri = vscode.Uri.file(join(folder, 'train.py'));
    const document = await edit(uri, 'from lib import word\nprint("as seen,", word)\nraise SystemExit(3)\n');
    await vscode.commands.executeCommand('bine.runAsJob', uri);

    const { one, node } = await ended('train.py');
    assert.deepEqual([one.state, one.exitCode], ['failed', 3]);
    assert.match(one.inputs.snapshot ?? '', /^[0-9a-f]{64}$/);
    assert.match(await logOf(one), /as seen, beside it/);
    assert.match(String((await api.jobs.getTreeItem(node)).description), /^Exit code 3 · \d+s ago/);
    assert.ok(document.isDirty);
    assert.equal(await readFile(uri.fsPath, 'utf8'), 'print("on the disk")\n');

    await vscode.commands.executeCommand('bine.rerunExecution', node);
    const again = await until(changed(), async () => {
      const { one: latest } = await ended('train.py');
      return latest.number === one.number + 1 ? latest : undefined;
    });
    assert.deepEqual([again.trigger, again.inputs.snapshot, again.exitCode], ['rerun', one.inputs.snapshot, 3]);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  it('brings what a job wrote into its folder back into it, but not over what was changed here meanwhile without asking', async () => {
    await writeFile(join(folder, 'table.csv'), '1\n');
    const uri = vscode.Uri.file(join(folder, 'write.py'));
    await writeFile(
      uri.fsPath,
      'import os\nopen("table.csv", "a").write("2\\n")\nos.makedirs("out")\nopen("out/model.txt", "w").write("42")\n',
    );
    await vscode.commands.executeCommand('bine.runAsJob', uri);
    const { node } = await ended('write.py');
    assert.match((await api.jobs.getTreeItem(node)).contextValue ?? '', /;results;.*beside;/);
    const results = await nodes(node);
    assert.deepEqual(
      results.map((each) => each.kind === 'result' && [each.result.path, each.result.source]),
      [
        ['out/model.txt', 'folder'],
        ['table.csv', 'folder'],
      ],
    );
    await vscode.commands.executeCommand('bine.saveResultsBeside', node);
    assert.equal(await readFile(join(folder, 'table.csv'), 'utf8'), '1\n2\n');
    assert.equal(await readFile(join(folder, 'out', 'model.txt'), 'utf8'), '42');
  });

  it('runs a job of the view again, in another environment and by its schedule', async () => {
    const uri = vscode.Uri.joinPath(await freshFolder(), 'now.py');
    await vscode.workspace.fs.writeFile(uri, bytes('print("now")\n'));
    await vscode.commands.executeCommand('bine.runAsJob', uri);
    const path = uri.path.slice(`/${project}/`.length);
    const { one } = await ended(path);
    const schedule = await client().schedules.create({ project, job: one.job, cron: '0 6 * * *', timezone: 'UTC' });
    await vscode.commands.executeCommand('bine.runJobNow', { kind: 'schedule', schedule });
    const second = await until(changed(), async () => {
      const { one: latest } = await ended(path);
      return latest.number === 2 ? latest : undefined;
    });
    assert.equal(second.state, 'succeeded');
  });

  it('runs a notebook with what is typed and not saved, counts its cells, and keeps the executed one, to be read', async () => {
    const uri = await writeNotebook(['value = 20', 'print("twice:", value * 2)']);
    const notebook = await vscode.workspace.openNotebookDocument(uri);
    const change = new vscode.WorkspaceEdit();
    change.replace(notebook.cellAt(0).document.uri, new vscode.Range(0, 0, 1, 0), 'value = 21');
    await vscode.workspace.applyEdit(change);
    await vscode.commands.executeCommand('bine.runAsJob', uri);

    const { one, node } = await ended(uri.path.slice(`/${project}/`.length));
    assert.deepEqual([one.state, one.cells], ['succeeded', { done: 2, total: 2 }]);
    await vscode.commands.executeCommand('bine.openExecutedNotebook', node);
    const editor = vscode.window.activeNotebookEditor!;
    assert.equal(editor.notebook.uri.scheme, 'bine-result');
    const printed = editor.notebook.cellAt(1).outputs.flatMap(({ items }) => items.map(({ data }) => text(data)));
    assert.match(printed.join(''), /twice: 42/);
    await closeNotebook();
  });

  it('stops what runs', async () => {
    const uri = vscode.Uri.joinPath(await freshFolder(), 'long.py');
    await vscode.workspace.fs.writeFile(uri, bytes('import time\nprint("begun", flush=True)\ntime.sleep(600)\n'));
    await vscode.commands.executeCommand('bine.runAsJob', uri);
    const path = uri.path.slice(`/${project}/`.length);
    const running = await until(changed(), async () => {
      const job = (await nodes()).find((node) => node.kind === 'job' && node.job.path === path);
      const [node] = job ? await nodes(job) : [];
      return node?.kind === 'execution' && node.execution.state === 'running' ? node : undefined;
    });
    assert.match((await api.jobs.getTreeItem(running)).contextValue ?? '', /;stop;/);
    await vscode.commands.executeCommand('bine.stopExecution', running);
    assert.equal((await ended(path)).one.state, 'stopped');
  });

  it('shows schedules under their job, and pauses them', async () => {
    await client().schedules.create({ project, job: 'earlier', cron: '0 6 * * *', timezone: 'Europe/Stockholm' });
    const find = async () => {
      const job = (await nodes()).find((node) => node.kind === 'job' && node.job.name === 'earlier');
      return job && (await nodes(job)).find(({ kind }) => kind === 'schedule');
    };
    const schedule = await until(changed(), find);
    const item = await api.jobs.getTreeItem(schedule);
    assert.deepEqual([item.label, item.contextValue], ['Every day at 06:00', 'schedule;pause;']);
    assert.match(String(item.description), /^next .* · Europe\/Stockholm$/);
    await vscode.commands.executeCommand('bine.pauseSchedule', schedule);
    await until(changed(), async () => {
      const now = await find();
      return now && (await api.jobs.getTreeItem(now)).contextValue === 'schedule;resume;' ? now : undefined;
    });
  });
});
