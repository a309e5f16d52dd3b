/** Where a project's folder and its bin are on two disks, nothing can be moved between them, and all is copied. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Folder } from '../../ports/files.ts';
import { makeProject } from './project.fixture.ts';
import type { TestProject } from './project.fixture.ts';

const never = new AbortController().signal;

describe('across two disks, a folder', () => {
  let project: TestProject;
  let bin: string;
  let folder: Folder;
  before(async () => {
    project = await makeProject();
    // A disk in memory, which every Linux has.
    bin = await mkdtemp('/dev/shm/bine-bin-');
    folder = project.disk.folder({ files: project.files, bin, owner: { uid: 1000, gid: 1000 } });
    const [one, other] = await Promise.all([stat(project.files), stat(bin)]);
    assert.notEqual(one.dev, other.dev);
  });
  after(async () => {
    await project[Symbol.asyncDispose]();
    await rm(bin, { recursive: true });
  });

  async function assertNothingLeft(): Promise<void> {
    for (const start of await readdir(join(bin, '.incoming'))) assert.deepEqual(await readdir(join(bin, '.incoming', start)), []);
    assert.deepEqual(
      (await readdir(project.files)).filter((name) => name.startsWith('.bine')),
      [],
    );
  }

  it('gets what is written whole, and says what it has then', async () => {
    for (const text of ['first', 'second']) {
      const body = (async function* () {
        yield Buffer.from(text);
      })();
      const written = await folder.write(['doc'], { body, accept: () => undefined, signal: never });
      assert.deepEqual([await project.read('doc'), written], [text, await folder.stat(['doc'])]);
    }
    await assertNothingLeft();
  });

  it('gives a tree to the bin and takes it back', async () => {
    await project.make({ 'tree/sub/leaf': 'x' });
    await symlink('sub/leaf', join(project.files, 'tree/link'));
    const id = await folder.putAway(['tree'], never);
    assert.ok(!(await readdir(project.files)).includes('tree'));
    await folder.restore(id, ['tree'], never);
    assert.equal(await project.read('tree/link'), 'x');
    await assertNothingLeft();
  });

  it('is copied in and deleted for good', async () => {
    await folder.copy({ from: ['tree'], to: ['copy'], overwrite: false }, never);
    assert.equal(await project.read('copy/sub/leaf'), 'x');
    for (const name of ['tree', 'copy']) await folder.discard([name], never);
    assert.deepEqual(await readdir(project.files), ['doc']);
    await assertNothingLeft();
  });

  it('keeps what it has when it is cancelled on the way', async () => {
    await project.make({ 'many/a': '1', 'many/b': '2' });
    await assert.rejects(folder.putAway(['many'], AbortSignal.abort()));
    assert.deepEqual([await project.read('many/a'), await folder.listBin()], ['1', []]);
    await assertNothingLeft();
  });
});
