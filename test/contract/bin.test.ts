/** The bin of projects, through the whole gateway. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { apiPrefix } from '@bine/shared';
import { startGateway } from './gateway.ts';

it('deletes a project for good, with its files, and only then takes it out of the bin', async () => {
  await using gateway = await startGateway();
  const admin = await gateway.connect(gateway.key);
  await admin.projects.create({ name: 'p' });
  const put = await gateway.fetch(`${apiPrefix}/projects/p/files/content?path=a.txt`, { key: gateway.key, method: 'PUT', body: 'words' });
  assert.equal(put.status, 200);
  await admin.projects.delete({ project: 'p' });
  const emptied = await gateway.fetch(`${apiPrefix}/bin/projects/empty`, { key: gateway.key, method: 'POST' });
  assert.deepEqual([emptied.status, await emptied.json()], [200, { deleted: 1 }]);
  assert.deepEqual(await admin.projects.listBin({}), []);
  assert.deepEqual(await readdir(join(gateway.home, 'projects')), []);
});
