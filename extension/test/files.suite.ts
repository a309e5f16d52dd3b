import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { bine, bytes, freshFolder, project, text, until, writeElsewhere } from './bine.ts';

const { fs } = vscode.workspace;

describe('Files of a project', () => {
  let folder: vscode.Uri;
  const at = (name: string) => vscode.Uri.joinPath(folder, name);
  before(bine);
  beforeEach(async () => {
    folder = await freshFolder();
  });

  it('are written and read, with any bytes and any name', async () => {
    const content = Uint8Array.from({ length: 100_000 }, (_, i) => i % 256);
    await fs.writeFile(at('ä b#1?.bin'), content);
    assert.deepEqual(await fs.readFile(at('ä b#1?.bin')), content);
    assert.deepEqual(await fs.readDirectory(folder), [['ä b#1?.bin', vscode.FileType.File]]);
    assert.equal((await fs.stat(at('ä b#1?.bin'))).size, content.length);
  });

  it('that are empty are files too', async () => {
    await fs.writeFile(at('empty'), new Uint8Array());
    assert.equal((await fs.readFile(at('empty'))).byteLength, 0);
  });

  it('are found in folders, which are listed', async () => {
    await fs.createDirectory(at('a/b'));
    await fs.writeFile(at('a/b/c.py'), bytes('1'));
    assert.deepEqual(await fs.readDirectory(at('a')), [['b', vscode.FileType.Directory]]);
    assert.equal(text(await fs.readFile(at('a/b/c.py'))), '1');
  });

  it('and folders are renamed and copied', async () => {
    await fs.writeFile(at('a/b.py'), bytes('1'));
    await fs.rename(at('a'), at('c'));
    await fs.copy(at('c'), at('d'));
    assert.equal(text(await fs.readFile(at('d/b.py'))), '1');
    await assert.rejects(Promise.resolve(fs.stat(at('a'))), { code: 'FileNotFound' });
  });

  it('are not overwritten by a rename, unless that is wanted', async () => {
    await fs.writeFile(at('a'), bytes('a'));
    await fs.writeFile(at('b'), bytes('b'));
    await assert.rejects(Promise.resolve(fs.rename(at('a'), at('b'))), { code: 'FileExists' });
    await fs.rename(at('a'), at('b'), { overwrite: true });
    assert.equal(text(await fs.readFile(at('b'))), 'a');
  });

  it('go into the bin when they are deleted', async () => {
    const { connection } = await bine();
    await fs.writeFile(at('gone.py'), bytes('1'));
    await fs.delete(at('gone.py'));
    await assert.rejects(Promise.resolve(fs.stat(at('gone.py'))), { code: 'FileNotFound' });
    const binned = await connection.client.files.listBin({ project });
    const mine = binned.find(({ path }) => path.endsWith(`${folder.path.split('/').at(-1)}/gone.py`));
    await connection.client.files.restore({ project, id: mine!.id });
    assert.equal(text(await fs.readFile(at('gone.py'))), '1');
  });

  it('that are not there, or not what they should be, are told apart', async () => {
    await fs.createDirectory(at('d'));
    await assert.rejects(Promise.resolve(fs.readFile(at('none'))), { code: 'FileNotFound' });
    await assert.rejects(Promise.resolve(fs.readDirectory(at('none'))), { code: 'FileNotFound' });
    await fs.writeFile(at('f'), bytes(''));
    await assert.rejects(Promise.resolve(fs.readFile(at('d'))), { code: 'FileIsADirectory' });
    await assert.rejects(Promise.resolve(fs.readDirectory(at('f'))), { code: 'FileNotADirectory' });
    await assert.rejects(Promise.resolve(fs.stat(vscode.Uri.parse('bine:/nowhere/x'))), { code: 'FileNotFound' });
    await assert.rejects(Promise.resolve(fs.writeFile(vscode.Uri.parse('bine:/x.py'), bytes(''))), { code: 'FileNotFound' });
  });

  it('stand below projects', async () => {
    const names = (await fs.readDirectory(vscode.Uri.parse('bine:/'))).map(([name]) => name);
    assert.ok(names.includes(project));
  });

  it('that somebody else creates, changes and deletes are noticed', async () => {
    const api = await bine();
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, '**'));
    const seen: string[] = [];
    const note = (what: string) => (uri: vscode.Uri) => seen.push(`${what} ${uri.path.slice(folder.path.length)}`);
    const noticed = new vscode.EventEmitter<void>();
    const subscriptions = [
      watcher.onDidCreate(note('created')),
      watcher.onDidChange(note('changed')),
      watcher.onDidDelete(note('deleted')),
      watcher.onDidCreate(() => noticed.fire()),
      watcher.onDidChange(() => noticed.fire()),
      watcher.onDidDelete(() => noticed.fire()),
    ];
    const sees = (what: string) => until(noticed.event, () => seen.includes(what) || undefined);
    await writeElsewhere(api, at('new.csv'), 'a');
    await sees('created /new.csv');
    await writeElsewhere(api, at('new.csv'), 'ab');
    await sees('changed /new.csv');
    await api.connection.client.files.delete({ project, path: at('new.csv').path.slice(`/${project}/`.length) });
    await sees('deleted /new.csv');
    vscode.Disposable.from(watcher, noticed, ...subscriptions).dispose();
  });
});
