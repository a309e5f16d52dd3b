import assert from 'node:assert/strict';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { Problem } from '@bine/shared/problems';
import { createAccounts } from '../../adapters/disk/accounts.ts';
import { createFolders } from '../../adapters/store/folders.ts';
import { createProjectRows } from '../../adapters/store/projects.ts';
import { openStore } from '../../adapters/store/store.ts';
import { createProjects } from './projects.ts';

const owner = { uid: process.getuid!(), gid: process.getgid!() };
const root = { user: 'root', admin: true } as Parameters<ReturnType<typeof createProjects>['emptyBin']>[0];

async function start(t: TestContext) {
  const home = await mkdtemp(join(tmpdir(), 'bine-bin-'));
  const store = await openStore(join(home, 'bine.db'));
  t.after(async () => {
    await store[Symbol.asyncDispose]();
    await rm(home, { recursive: true });
  });
  await store.db.insertInto('users').values({ name: 'root', admin: 1, created: '' }).execute();
  const open = () =>
    createProjects({
      rows: createProjectRows(store.db),
      folders: createFolders(join(home, 'projects')),
      accounts: createAccounts({ folder: join(home, 'accounts'), range: { first: 2_000_000, last: 2_000_009 }, shared: owner }),
      events: { publish: () => undefined },
    });
  const projects = open();
  await projects.create(root, { name: 'p', description: '', idleMinutes: 0 });
  const { id, files } = await projects.folder('p');
  await writeFile(join(files, 'kept'), 'words');
  await projects.delete('p');
  return { projects, open, id, kept: () => access(join(files, 'kept')) };
}

describe('a project that is deleted for good', () => {
  it('keeps its files and its place in the bin when a part of it cannot go, and goes when it can', async (t) => {
    const { projects, id, kept } = await start(t);
    let failing = true;
    const ended: string[] = [];
    projects.onErased(() => {
      if (failing) throw new Error('the engine is away');
    });
    projects.onErased((project) => void ended.push(project.id));
    await assert.rejects(projects.emptyBin(root), /the engine is away/);
    await kept();
    assert.deepEqual(ended, [id]);
    assert.deepEqual(
      (await projects.listBin(root)).map((project) => project.id),
      [id],
    );
    await assert.rejects(
      projects.restore(root, id),
      ({ code, message }: Problem) => code === 'conflict' && message.includes('deleted for good'),
    );
    failing = false;
    assert.deepEqual(await projects.emptyBin(root), { deleted: 1 });
    await assert.rejects(kept(), { code: 'ENOENT' });
    assert.deepEqual(await projects.listBin(root), []);
  });

  it('goes at the next start where the gateway died in the middle', async (t) => {
    const { projects, open, kept } = await start(t);
    // As far as the process came: everything after it never happened.
    projects.onErased(() => Promise.reject(new Error('killed')));
    await assert.rejects(projects.emptyBin(root), /killed/);
    const next = open();
    await next.finishErasing();
    await assert.rejects(kept(), { code: 'ENOENT' });
    assert.deepEqual(await next.listBin(root), []);
  });

  it('does not keep others in the bin when it cannot go', async (t) => {
    const { projects, id } = await start(t);
    await projects.create(root, { name: 'q', description: '', idleMinutes: 0 });
    await projects.delete('q');
    projects.onErased((project) => {
      if (project.id === id) throw new Error('held');
    });
    await assert.rejects(projects.emptyBin(root), /held/);
    assert.deepEqual(
      (await projects.listBin(root)).map(({ name }) => name),
      ['p'],
    );
  });
});
