import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import type { Problem } from '@bine/shared/problems';
import { backUp, refuseLostDatabase } from './backups.ts';
import { openStore } from './store.ts';

async function temporary(t: TestContext): Promise<{ folder: string; file: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'bine-store-'));
  t.after(() => rm(folder, { recursive: true }));
  return { folder, file: join(folder, 'bine.db') };
}

async function make(file: string): Promise<void> {
  const store = await openStore(file);
  await store.db.insertInto('settings').values({ name: 'kept', value: 'words' }).execute();
  await store[Symbol.asyncDispose]();
}

it('is readable by its owner only', async (t) => {
  const { file } = await temporary(t);
  await make(file);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
});

it('is copied before its tables change, and the newest copies are kept', async (t) => {
  const { folder, file } = await temporary(t);
  await make(file);
  const sqlite = new DatabaseSync(file);
  // As an earlier version left it.
  sqlite.exec("delete from kysely_migration where name = '0011-event-shapes'; alter table events drop column shape");
  sqlite.close();
  await (await openStore(file))[Symbol.asyncDispose]();
  const [copy] = await readdir(join(folder, 'backups'));
  const kept = new DatabaseSync(join(folder, 'backups', copy!), { readOnly: true });
  assert.deepEqual({ ...kept.prepare("select value from settings where name = 'kept'").get() }, { value: 'words' });
  for (let i = 0; i < 9; i++) await backUp(kept, file);
  kept.close();
  assert.equal((await readdir(join(folder, 'backups'))).filter((name) => name.endsWith('.db')).length, 7);
});

it('that is damaged is refused with the command that restores it, and works then', async (t) => {
  const { file } = await temporary(t);
  await make(file);
  const sqlite = new DatabaseSync(file);
  const copy = await backUp(sqlite, file);
  sqlite.close();
  await writeFile(file, 'x'.repeat(10_000));
  await assert.rejects(openStore(file), ({ code, message }: Problem) => {
    assert.equal(code, 'conflict');
    assert.ok(message.includes(`is damaged`) && message.includes(`cp ${copy} ${file}`), message);
    return true;
  });
  await cp(copy, file);
  await (await openStore(file))[Symbol.asyncDispose]();
});

it('that is missing or empty beside projects is refused rather than begun anew', async (t) => {
  const { folder, file } = await temporary(t);
  const projects = join(folder, 'projects');
  await refuseLostDatabase(file, projects);
  await mkdir(join(projects, 'one'), { recursive: true });
  await assert.rejects(refuseLostDatabase(file, projects), /has 1 projects, but the database .* is missing/);
  await make(file);
  await refuseLostDatabase(file, projects);
  await truncate(file);
  await assert.rejects(refuseLostDatabase(file, projects), /is empty/);
});
