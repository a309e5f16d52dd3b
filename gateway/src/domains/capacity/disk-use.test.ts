import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { Problem } from '@bine/shared/problems';
import { measureDisk } from '../../adapters/disk/measure.ts';
import { defaultLimits } from '../../limit-settings.ts';
import { createDiskUse } from './disk-use.ts';
import type { Program } from './disk-use.ts';

const mebibyte = 2 ** 20;
const project = { id: 'p1', name: 'a' };

async function startDisk(t: TestContext, { disk }: { disk: number | null }) {
  const folder = await mkdtemp(join(tmpdir(), 'bine-disk-use-'));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'p1'));
  const clock = { now: Date.parse('2026-05-01T12:00:00Z') };
  const programs: Program[] = [];
  let measured = 0;
  let inContainers = async () => 0;
  const use = createDiskUse({
    measure(paths, signal) {
      measured += 1;
      return measureDisk(paths, signal);
    },
    foldersOf: async ({ id }) => [join(folder, id)],
    writtenBy: () => inContainers(),
    limitsOf: () => ({ ...defaultLimits, disk }),
    projects: async () => [project],
    programs: () => programs,
    scanSeconds: 60,
    graceSeconds: 100,
    onError: (error) => assert.fail(error as Error),
    now: () => clock.now,
  });
  t.after(() => use[Symbol.asyncDispose]());
  const put = (name: string, mebibytes: number) => writeFile(join(folder, 'p1', name), Buffer.alloc(mebibytes * mebibyte, 1));
  const later = (seconds: number) => {
    clock.now += seconds * 1000;
    use.changed(project.id);
    return use.settle(project);
  };
  const write = (bytes: () => Promise<number>) => void (inContainers = bytes);
  return { use, put, write, later, programs, folder, measured: () => measured };
}

describe('the disk quota of a project', () => {
  it('refuses what is too much, says how much is used and what to do, and lets more in once there is room', async (t) => {
    const { use, put, folder, later } = await startDisk(t, { disk: 3 });
    await put('one', 2);
    await use.check(project, mebibyte / 2);
    await assert.rejects(use.check(project, 2 * mebibyte), (error: Error & { code: string }) => {
      assert.equal(error.code, 'quota-exceeded');
      assert.match(
        error.message,
        /^The project "a" uses 2(\.\d)? MiB of its 3 MiB of disk space, and 2 MiB more are wanted\. Delete files.*bine project limits/,
      );
      return true;
    });
    await rm(join(folder, 'p1/one'));
    await later(5);
    await use.check(project, 2 * mebibyte);
  });

  it('counts what passes through the gateway without measuring again', async (t) => {
    const { use, put, measured } = await startDisk(t, { disk: 4 });
    await put('one', 1);
    await use.check(project, 1);
    for (let number = 0; number < 20; number++) {
      await use.check(project, mebibyte / 10);
      use.note(project.id, mebibyte / 10);
    }
    assert.equal(measured(), 1);
    assert.ok(use.left(project.id) < 1.1 * mebibyte);
  });

  it('counts what programs write inside their containers, and while the engine does not answer, its last answer', async (t) => {
    const { use, write, later } = await startDisk(t, { disk: 4 });
    await use.check(project, 2 * mebibyte);
    write(async () => 3 * mebibyte);
    await later(5);
    await assert.rejects(use.check(project, 2 * mebibyte), { code: 'quota-exceeded' });
    write(() => Promise.reject(new Problem('engine-unavailable', 'The engine does not answer.')));
    await later(5);
    await assert.rejects(use.check(project, 2 * mebibyte), { code: 'quota-exceeded' });
    write(async () => 0);
    await later(5);
    await use.check(project, 2 * mebibyte);
  });

  it('costs nothing where there is none', async (t) => {
    const { use, measured } = await startDisk(t, { disk: null });
    await use.check(project, 2 ** 50);
    assert.deepEqual([measured(), use.left(project.id)], [0, Infinity]);
  });

  it('warns programs that write on, ends them after the grace, and takes the warning back when there is room again', async (t) => {
    const { put, later, programs, folder } = await startDisk(t, { disk: 1 });
    const said: (string | null)[] = [];
    const ended: string[] = [];
    programs.push({ id: 'e1', warn: (why) => said.push(why), end: async (why) => void ended.push(why) });
    await later(0);
    await put('one', 2);
    await later(5);
    await later(5);
    assert.equal(said.length, 1);
    assert.match(
      said[0]!,
      /Disk quota: the project "a" uses 2(\.\d)? MiB of its 1 MiB of disk space\. Files must be deleted, or it is ended 100 s/,
    );
    await rm(join(folder, 'p1/one'));
    await later(5);
    assert.equal(said[1], null);
    await put('one', 2);
    await later(5);
    await later(99);
    assert.deepEqual([said.length, ended], [3, []]);
    await later(2);
    assert.equal(ended.length, 1);
    assert.match(ended[0]!, /^Ended for the disk quota: the project "a" uses 2/);
  });
});
