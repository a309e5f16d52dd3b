import assert from 'node:assert/strict';
import { lstat, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { Problem } from '@bine/shared/problems';
import type { SecretUse } from '@bine/shared';
import { openStore } from '../../adapters/store/store.ts';
import { newId } from '../../lib/id.ts';
import { secretsOn } from './secrets.fixture.ts';

const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const use = (name: string, more: Partial<SecretUse> = {}): SecretUse => ({ name, as: 'environment', ...more });

async function start(t: TestContext) {
  const home = await mkdtemp(join(tmpdir(), 'bine-secrets-'));
  t.after(() => rm(home, { recursive: true }));
  const store = await openStore(join(home, 'bine.db'));
  t.after(() => store[Symbol.asyncDispose]());
  const project = { id: newId(), name: 'p' };
  const created = new Date().toISOString();
  for (const name of ['ann', 'bob']) await store.db.insertInto('users').values({ name, admin: 0, created }).execute();
  await store.db
    .insertInto('projects')
    .values({ ...project, description: '', idle_minutes: 0, created, deleted: null, erasing: 0, uid: null })
    .execute();
  const gateway = newId();
  const secrets = await secretsOn({ db: store.db, home, gateway, project });
  t.after(() => secrets.takeBackAllBut(new Set()));
  const set = (name: string, value: string) => secrets.set({ project: 'p', name, value, encoding: 'utf8' }, 'ann');
  const setMine = (name: string, value: string, user: string) => secrets.setMine({ name, value, encoding: 'utf8' }, user);
  const give = (user: string, ...uses: SecretUse[]) => secrets.give('w1', { projectId: project.id, user, secrets: uses }, owner);
  return { home, db: store.db, project, secrets, set, setMine, give };
}

const refused = (detail: RegExp) => (error: unknown) => error instanceof Problem && error.code === 'invalid' && detail.test(error.message);

describe('secrets', () => {
  it('are told by name, never by value, and are sealed in the database', async (t) => {
    const { home, secrets, set, db } = await start(t);
    await set('TOKEN', 'planted-value');
    const [listed] = await secrets.list('p');
    assert.deepEqual([listed?.name, listed?.owner, listed?.setBy, listed?.usedBy], ['TOKEN', 'project', 'ann', []]);
    for (const file of await readdir(home)) assert.ok(!(await readFile(join(home, file))).includes('planted-value'), file);
    const [row] = await db.selectFrom('secrets').selectAll().execute();
    await db.updateTable('secrets').set({ name: 'OTHER' }).execute();
    assert.match(row!.sealed, /^v2:[0-9a-f]{16}:/);
    await assert.rejects(secrets.check({ projectId: row!.project_id!, user: 'ann', secrets: [use('OTHER')] }), /cannot be read any more/);
  });

  it('of a user are given in place of one of the project with that name, to that user alone', async (t) => {
    const { set, setMine, give } = await start(t);
    await set('TOKEN', 'of the project');
    await setMine('TOKEN', 'of ann', 'ann');
    const forAnn = await give('ann', use('TOKEN'));
    assert.equal(forAnn.private, true);
    assert.equal(await readFile(join(forAnn.folder!, 'TOKEN'), 'utf8'), 'of ann');
    const forBob = await give('bob', use('TOKEN'));
    assert.equal(forBob.private, false);
    assert.equal(await readFile(join(forBob.folder!, 'TOKEN'), 'utf8'), 'of the project');
  });

  it('lie in a folder for their program alone, which goes with it', async (t) => {
    const { set, give, secrets } = await start(t);
    await set('A', 'one');
    await set('B', 'two');
    await give('ann', use('A'), use('B', { as: 'file', variable: 'B_PATH' }));
    const { folder } = await give('ann', use('B', { as: 'file', variable: 'B_PATH' }));
    assert.deepEqual((await readdir(folder!)).toSorted(), ['.manifest', 'B']);
    assert.deepEqual(JSON.parse(await readFile(join(folder!, '.manifest'), 'utf8')), { environment: {}, paths: { B_PATH: 'B' } });
    assert.equal((await lstat(folder!)).mode & 0o777, 0o700);
    assert.equal((await lstat(join(folder!, 'B'))).mode & 0o777, 0o400);
    await secrets.takeBackAllBut(new Set(['w1']));
    await lstat(folder!);
    await secrets.takeBack('w1');
    await assert.rejects(lstat(dirname(folder!)), { code: 'ENOENT' });
    await give('ann', use('A'));
  });

  it('are refused in a sentence where they are missing, do not fit or would share a variable', async (t) => {
    const { give, set, secrets } = await start(t);
    await assert.rejects(give('ann', use('MISSING')), refused(/There is no secret "MISSING".*bine secret set MISSING/));
    await secrets.set({ project: 'p', name: 'BYTES', value: 'AAE=', encoding: 'base64' }, 'ann');
    await assert.rejects(give('ann', use('BYTES')), refused(/"BYTES" has bytes.*BYTES:file/));
    assert.deepEqual(await readFile(join((await give('ann', use('BYTES', { as: 'file' }))).folder!, 'BYTES')), Buffer.from([0, 1]));
    await set('A', 'one');
    await set('B', 'two');
    await assert.rejects(give('ann', use('A'), use('B', { variable: 'A' })), refused(/variable A would have two values, of A and of B/));
  });

  it('have a size, which is said where it is not kept, without the value', async (t) => {
    const { set, secrets } = await start(t);
    await set('LARGEST', 'x'.repeat(65_536));
    const without = (detail: RegExp) => (error: unknown) => refused(detail)(error) && !String(error).includes('xx');
    await assert.rejects(set('TOO_LARGE', 'x'.repeat(65_537)), without(/65537 bytes/));
    await assert.rejects(set('EMPTY', ''), without(/must not be empty/));
    const torn = { project: 'p', name: 'TORN', value: 'xx!', encoding: 'base64' } as const;
    await assert.rejects(secrets.set(torn, 'ann'), without(/must be base64/));
    assert.deepEqual(
      (await secrets.list('p')).map(({ name }) => name),
      ['LARGEST'],
    );
  });

  it('go with their user and with their project', async (t) => {
    const { db, set, setMine } = await start(t);
    await set('A', 'one');
    await setMine('B', 'two', 'ann');
    await db.deleteFrom('users').where('name', '=', 'ann').execute();
    await db.deleteFrom('projects').execute();
    assert.deepEqual(await db.selectFrom('secrets').selectAll().execute(), []);
  });
});
