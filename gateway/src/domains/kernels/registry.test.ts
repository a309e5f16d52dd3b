import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createKernelRows } from '../../adapters/store/kernels.ts';
import type { KernelRecord } from '../../ports/state/kernels.ts';
import { openStore } from '../../adapters/store/store.ts';
import { kernelRecord } from './records.fixture.ts';
import { createRegistry } from './registry.ts';
import type { RegistryParts } from './registry.ts';

it('says how a kernel ended while there is no room on the disk to note it', async (t) => {
  const store = await openStore(':memory:');
  t.after(() => store[Symbol.asyncDispose]());
  const rows = createKernelRows(store.db);
  let hasRoom = true;
  const save = async (record: KernelRecord) => {
    if (!hasRoom) throw Object.assign(new Error('no room'), { code: 'ENOSPC' });
    await rows.save(record);
  };
  const record = kernelRecord({ id: 'one', state: 'idle' });
  const registry = createRegistry({
    rows: { ...rows, save },
    events: { publish: () => undefined },
    projects: { folder: async () => ({ id: record.projectId, name: 'p' }) } as unknown as RegistryParts['projects'],
    running: {} as RegistryParts['running'],
    onError: () => undefined,
  });
  const use = { memoryUsed: null, cpuUsed: null };
  registry.tell({ ...record, ...use }, 'p');
  await registry.saved();
  hasRoom = false;
  registry.tell({ ...record, ...use, state: 'stopped', cause: 'Shut down by ann' }, 'p');
  await registry.saved();
  assert.equal((await rows.get('one'))?.state, 'idle');
  assert.equal((await registry.find('p', 'one')).record.cause, 'Shut down by ann');
  assert.deepEqual(await registry.list('p', { ended: false }), []);
  assert.deepEqual(
    (await registry.list('p', { ended: true })).map(({ state }) => state),
    ['stopped'],
  );
  hasRoom = true;
  await registry.saved();
  assert.equal((await rows.get('one'))?.state, 'stopped');
});
