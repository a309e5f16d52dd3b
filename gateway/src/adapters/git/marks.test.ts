import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createMarks } from './marks.ts';

describe('the marks of repositories that Git was changing', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'bine-marks-'));
  });
  afterEach(() => rm(home, { recursive: true }));

  it('are found after a crash, without the one that was half written', async () => {
    const folder = join(home, 'at-work');
    assert.deepEqual(await createMarks(folder).left(), []);
    await createMarks(folder).set({ projectId: 'p', path: 'repo', since: 1 });
    await writeFile(join(folder, 'half'), '{"projectId":');
    const left = await createMarks(folder).left();
    assert.deepEqual(
      left.map(({ projectId, path }) => [projectId, path]),
      [['p', 'repo']],
    );
    await left[0]![Symbol.asyncDispose]();
    assert.deepEqual(await readdir(folder), []);
  });

  it('are not taken for none, nor removed, where they cannot be read', async () => {
    await writeFile(join(home, 'file'), '');
    await assert.rejects(createMarks(join(home, 'file')).left(), { code: 'ENOTDIR' });
    await mkdir(join(home, 'marks/odd'), { recursive: true });
    await assert.rejects(createMarks(join(home, 'marks')).left(), { code: 'EISDIR' });
    assert.deepEqual(await readdir(join(home, 'marks')), ['odd']);
  });
});
