/** A folder with more entries than anybody looks at, as clients read it. */
import assert from 'node:assert/strict';
import { linkSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { listFolder } from '@bine/client/list-folder';
import { startGateway } from './gateway.ts';
import type { Client, TestGateway } from './gateway.ts';

describe('a large folder', () => {
  let gateway: TestGateway;
  let api: Client;
  const at = { project: 'large', path: 'many' };

  before(async () => {
    gateway = await startGateway();
    api = await gateway.connect(gateway.key);
    await api.projects.create({ name: at.project });
    const [id] = await readdir(join(gateway.home, 'projects'));
    const folder = join(gateway.home, 'projects', id!, 'files', at.path);
    await mkdir(join(folder, 'zoo'), { recursive: true });
    await writeFile(join(folder, 'f0'), '');
    for (let number = 1; number < 10_050; number++) linkSync(join(folder, 'f0'), join(folder, `f${number}`));
  });
  after(() => gateway[Symbol.asyncDispose]());

  it('is read to its end, folders first, then files as people count', async () => {
    const { entries, ...rest } = await listFolder(api.files, at);
    assert.deepEqual(rest, { whole: true, total: 10_051 });
    assert.deepEqual(
      entries.map(({ path }) => path),
      ['many/zoo', ...Array.from({ length: 10_050 }, (_, number) => `many/f${number}`)],
    );
  });

  it('is read as far as is wanted, which says so', async () => {
    const { entries, ...rest } = await listFolder(api.files, at, { most: 30 });
    assert.deepEqual([entries.length, rest], [30, { whole: false, total: 10_051 }]);
  });
});
