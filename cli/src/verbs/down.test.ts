/** What `down --all` does with secrets in memory once nothing runs. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { it } from 'node:test';
import { removeAllSecrets, secretFolderName } from '@bine/gateway/secret-places';

it('removes the folders of secrets of its gateway, and of no other', async (t) => {
  const [gone, kept] = [randomUUID(), randomUUID()];
  const folders = [gone, kept].map((gateway) => join('/dev/shm', secretFolderName(gateway)));
  t.after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));
  for (const folder of folders) {
    await mkdir(join(folder, 'execution'), { recursive: true });
    await writeFile(join(folder, 'execution', 'TOKEN'), 'x');
  }
  await removeAllSecrets({}, gone);
  assert.deepEqual(
    folders.map((folder) => existsSync(folder)),
    [false, true],
  );
});
