import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { findProgram } from './program.ts';

const never = new AbortController().signal;

describe('the program of a job', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'bine-program-')));
    await writeFile(join(folder, 'a.py'), '');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const find = (name = 'a.py') => findProgram(join(folder, name), 'churn', never);
  const init = () => execFileSync('git', ['init', '-q', folder]);

  it('takes its folder along, or the repository that it is in, which need have no commit', async () => {
    assert.deepEqual((await find()).local, { root: folder, git: null });
    init();
    assert.deepEqual((await find()).local, { root: folder, git: null });
  });

  it('is not sent with its folder alone where Git cannot tell of the repository, but refused with what Git says', async () => {
    init();
    await writeFile(join(folder, '.git/config'), '[nonsense');
    await assert.rejects(find(), /bad config line/);
  });

  it('that cannot be read is not said to be missing', async () => {
    await symlink('circle.py', join(folder, 'circle.py'));
    await assert.rejects(find('circle.py'), /circle\.py cannot be read: too many symbolic links/);
    await assert.rejects(find('none.py'), /There is no file .*none\.py on this machine/);
  });
});
