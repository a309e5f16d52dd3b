import assert from 'node:assert/strict';
import { chmod, chown, lstat, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createAccounts, refuseTaken } from '../../adapters/disk/accounts.ts';
import { createFolders } from '../../adapters/store/folders.ts';
import { createProjectRows } from '../../adapters/store/projects.ts';
import { openStore } from '../../adapters/store/store.ts';
import { takeOver } from './take-over.ts';

const isRoot = process.geteuid?.() === 0;
const old = { uid: 1000, gid: 1000 };
const range = { first: 2_345_000, last: 2_345_009 };

/** A home as the version before left it, with two projects of user 1000. */
async function startHome(t: TestContext) {
  const home = await mkdtemp(join(tmpdir(), 'bine-take-over-'));
  const store = await openStore(join(home, 'bine.db'));
  t.after(async () => {
    await store[Symbol.asyncDispose]();
    await rm(home, { recursive: true, force: true });
  });
  const rows = createProjectRows(store.db);
  await store.db.insertInto('users').values({ name: 'ann', admin: 0, created: '' }).execute();
  const accounts = createAccounts({ folder: join(home, 'accounts'), range, shared: old });
  const root = join(home, 'projects');
  const folders = createFolders(root);
  for (const id of ['one', 'two']) {
    const plain = { description: '', idleMinutes: 0, created: '', deleted: null, erasing: false, uid: null };
    await rows.add({ ...plain, id, name: id }, 'ann');
    await folders.create(id, old);
    for (const path of ['files/a', `bin/b/item`, 'executions/e/bine/results', 'executions/e/snapshot', 'snapshots/blobs'])
      await mkdir(join(root, id, path), { recursive: true });
    for (const path of ['files/a/set', 'bin/b/item/x', 'bin/b/origin.json', 'executions/e/bine/log-0', 'snapshots/blobs/s'])
      await writeFile(join(root, id, path), 'x');
    await symlink('/etc/passwd', join(root, id, 'files/a/link'));
    if (isRoot) await chown(join(root, id, 'files/a/set'), old.uid, old.gid);
    await chmod(join(root, id, 'files/a/set'), 0o6755);
  }
  const start = (inUse: string[] = [], give = folders.give) =>
    takeOver({ rows, accounts, inUse: async () => new Set(inUse), give: ({ id }, owner) => give(id, owner) });
  const ownerOf = async (id: string, path: string) => (await lstat(join(root, id, path))).uid;
  return { rows, folders, root, start, ownerOf };
}

describe('a project of the version before', { skip: isRoot ? false : 'only root can give files away' }, () => {
  it('gets a user id of its own, and all files that its programs may change belong to it', async (t) => {
    const { rows, root, start, ownerOf } = await startHome(t);
    assert.deepEqual(await start(), []);
    const uids = [(await rows.byId('one'))!.uid, (await rows.byId('two'))!.uid];
    assert.deepEqual(uids, [range.first, range.first + 1]);
    for (const path of ['files', 'files/a', 'files/a/set', 'files/a/link', 'bin/b/item', 'bin/b/item/x', 'executions/e/bine/log-0'])
      assert.equal(await ownerOf('two', path), range.first + 1, path);
    for (const path of ['bin/b/origin.json', 'snapshots/blobs/s']) assert.equal(await ownerOf('two', path), 0, path);
    assert.equal((await lstat('/etc/passwd')).uid, 0);
    assert.equal((await lstat(join(root, 'one/files/a/set'))).mode & 0o7777, 0o755, 'a file can still be run as its owner');
    assert.equal((await lstat(join(root, 'one'))).mode & 0o777, 0o700);
  });

  it('gets it at the next start when the gateway was killed in the middle', async (t) => {
    const { rows, folders, start, ownerOf } = await startHome(t);
    const killed = start([], async (id, owner) => {
      await folders.give(id, owner);
      throw new Error('killed');
    });
    await assert.rejects(killed, /killed/);
    assert.equal((await rows.byId('one'))!.uid, null);
    await start();
    const uid = (await rows.byId('one'))!.uid;
    assert.equal(await ownerOf('one', 'files/a/set'), uid);
    await start();
    assert.equal((await rows.byId('one'))!.uid, uid, 'it was given another one');
  });

  it('keeps the old one while its containers run', async (t) => {
    const { rows, start, ownerOf } = await startHome(t);
    assert.deepEqual(await start(['one']), ['one']);
    assert.equal((await rows.byId('one'))!.uid, null);
    assert.equal(await ownerOf('one', 'files/a/set'), old.uid);
  });
});

describe("a project's user id", () => {
  it('is never given twice, until all were given; then it is said which setting has more', async (t) => {
    const { rows } = await startHome(t);
    const given = new Set<number>();
    for (let count = 0; count < 10; count++) given.add(await rows.nextUid(range));
    assert.equal(given.size, 10);
    assert.deepEqual([Math.min(...given), Math.max(...given)], [range.first, range.last]);
    await rows.setUid('one', range.first);
    assert.equal(await rows.nextUid(range), range.first + 1);
    await assert.rejects(
      rows.nextUid({ first: range.first, last: range.first }),
      ({ code, message }) => code === 'conflict' && /--uid-range/.test(message),
    );
  });

  it('is refused where a user of the machine has it', { skip: isRoot ? false : 'only root gives user ids' }, async () => {
    await assert.rejects(
      refuseTaken({ first: 0, last: 10 }),
      ({ code, message }) => code === 'conflict' && /"root".*\/etc\/passwd/.test(message),
    );
    await refuseTaken(range);
  });
});
