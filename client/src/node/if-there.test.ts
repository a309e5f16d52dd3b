import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ifThere } from './if-there.ts';

describe('a file that may not be there', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bine-if-there-'));
    await writeFile(join(folder, 'file'), 'text');
    await symlink('self', join(folder, 'self'));
  });
  after(() => rm(folder, { recursive: true }));

  const read = (path: string) => ifThere(readFile(join(folder, path), 'utf8'));

  it('is read, or is none, also below what is no folder', async () => {
    assert.equal(await read('file'), 'text');
    assert.equal(await read('none'), null);
    assert.equal(await read('file/below'), null);
  });

  it('and cannot be read is an error that names it and says why', async () => {
    const message = `${join(folder, 'self')} cannot be read: too many symbolic links encountered. Check it, and who may read it.`;
    await assert.rejects(read('self'), { code: 'path-refused', message });
  });
});
