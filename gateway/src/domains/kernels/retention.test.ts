import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { createKernelFolders } from '../../adapters/disk/kernel-folders.ts';
import { createKernelRows } from '../../adapters/store/kernels.ts';
import type { KernelRecord } from '../../ports/state/kernels.ts';
import { openStore } from '../../adapters/store/store.ts';
import { kernelRecord } from './records.fixture.ts';
import { forgetOld } from './retention.ts';

const now = Date.parse('2026-03-01T00:00:00.000Z');

async function startWith(t: TestContext, kernels: (Partial<KernelRecord> & { id: string; bytes: number })[]) {
  const home = await mkdtemp(join(tmpdir(), 'bine-kernels-'));
  const store = await openStore(':memory:');
  t.after(async () => {
    await store[Symbol.asyncDispose]();
    await rm(home, { recursive: true });
  });
  const rows = createKernelRows(store.db);
  const folders = createKernelFolders(join(home, 'kernels'));
  for (const { bytes, ...changes } of kernels) {
    const folder = await folders.create(changes.id, { uid: process.getuid!(), gid: process.getgid!() });
    await writeFile(join(folder, 'log'), Buffer.alloc(bytes));
    await rows.save(kernelRecord({ state: 'stopped', ...changes }));
  }
  const forget = (bytes: number, running: string[] = []) =>
    forgetOld({ rows, folders, now: () => now, keep: { days: 30, bytes }, isRunning: (id) => running.includes(id) });
  const left = async () => {
    const kept: string[] = [];
    for (const { id } of kernels) if ((await rows.get(id)) && (await folders.size(id)) > 0) kept.push(id);
    return kept;
  };
  return { home, rows, folders, forget, left };
}

describe('the logs of kernels that ended', () => {
  it('are kept for thirty days', async (t) => {
    const { forget, left } = await startWith(t, [
      { id: 'new', bytes: 10, lastActivity: '2026-02-20T00:00:00.000Z' },
      { id: 'old', bytes: 10, lastActivity: '2026-01-20T00:00:00.000Z' },
    ]);
    await forget(1e9);
    assert.deepEqual(await left(), ['new']);
  });

  it('are kept as long as there is room for them, the newest longest', async (t) => {
    const time = '2026-02-28T00:00:00.000Z';
    const { forget, left } = await startWith(
      t,
      ['a', 'b', 'c'].map((id, day) => ({ id, bytes: 1000, started: `2026-02-0${day + 1}T00:00:00.000Z`, lastActivity: time })),
    );
    await forget(2500);
    assert.deepEqual(await left(), ['b', 'c']);
  });

  it('are kept of a kernel that runs, however old', async (t) => {
    const { forget, left } = await startWith(t, [
      { id: 'busy', bytes: 10, state: 'busy' },
      { id: 'dead', bytes: 10, state: 'dead' },
    ]);
    await forget(0, ['dead']);
    assert.deepEqual(await left(), ['busy', 'dead']);
  });

  it('go without what a program in the kernel has planted a link to', async (t) => {
    const { home, folders, forget, left } = await startWith(t, [{ id: 'trap', bytes: 10 }]);
    await writeFile(join(home, 'precious'), 'x');
    await symlink(home, join(folders.pathOf('trap'), 'link'));
    await forget(1e9);
    assert.deepEqual(await left(), []);
    await rm(join(home, 'precious'));
  });
});
