/** Limits and quotas of projects, by a gateway as it is told of them. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { apiPrefix } from '@bine/shared';
import type { ProjectLimits } from '@bine/shared';
import { startGateway } from './gateway.ts';
import type { Client, TestGateway } from './gateway.ts';

const mebibyte = 2 ** 20;

describe('the limits of a project', () => {
  let gateway: TestGateway;
  let admin: Client;
  let owner: Client;
  let ownerKey: string;

  before(async () => {
    gateway = await startGateway({ env: { BINE_PROJECT_LIMITS: 'cores=4,queued=3,kernels=none' } });
    admin = await gateway.connect(gateway.key);
    ownerKey = await gateway.user('ann');
    owner = await gateway.connect(ownerKey);
    await owner.projects.create({ name: 'a' });
  });
  after(() => gateway[Symbol.asyncDispose]());

  const put = (path: string, bytes: number, project = 'a') =>
    gateway.fetch(`${apiPrefix}/projects/${project}/files/content?path=${path}`, {
      method: 'PUT',
      key: ownerKey,
      body: Buffer.alloc(bytes, 1),
    });
  const code = (error: unknown) => (error as { data: { code: string } }).data.code;
  const refusedAs = (expected: string, pattern: RegExp) => (error: unknown) => {
    assert.match((error as { data: { detail: string } }).data.detail, pattern);
    return code(error) === expected;
  };

  it('are the defaults of the gateway until an administrator sets others, who can go back to them', async () => {
    const { limits, set } = await owner.projects.limits({ project: 'a' });
    assert.deepEqual([limits.cores, limits.queued, limits.kernels, limits.disk, limits.weight, set], [4, 3, null, null, 1, []]);
    const changed = await admin.projects.setLimits({ project: 'a', cores: 2.5, queued: 'none', weight: 3 });
    assert.deepEqual([changed.limits.cores, changed.limits.queued, changed.limits.weight], [2.5, null, 3]);
    assert.deepEqual(changed.set.toSorted(), ['cores', 'queued', 'weight']);
    assert.deepEqual(await owner.projects.limits({ project: 'a' }), changed);
    const back = await admin.projects.setLimits({ project: 'a', cores: 'default', queued: 'default', weight: 'default' });
    assert.deepEqual([back.limits.cores, back.set], [4, []]);
  });

  it('are not changed by owners, and a value that makes no sense changes nothing', async () => {
    await assert.rejects(owner.projects.setLimits({ project: 'a', cores: 8 }), (error) => code(error) === 'missing-role');
    for (const bad of [{ cores: -1 }, { weight: 0 }, { weight: 'none' }, { queued: 1.5 }, { disk: 'lots' }]) {
      await assert.rejects(admin.projects.setLimits({ project: 'a', memory: 5, ...bad } as never), (error) => code(error) === 'invalid');
    }
    assert.equal((await admin.projects.limits({ project: 'a' })).limits.memory, null);
    await assert.rejects(admin.projects.setLimits({ project: 'nowhere', cores: 1 }), (error) => code(error) === 'not-found');
  });

  it('refuse at once a job that can never fit, with the limit and who can change it', async () => {
    const job = { project: 'a', job: 'train', path: 'a.py', environment: 'python-training' };
    await assert.rejects(
      owner.jobs.put({ ...job, compute: { cores: 5 } }),
      refusedAs(
        'invalid',
        /The job asks for more than its project allows: 5 cores, but the project "a" may use 4 cores\. Ask an administrator/,
      ),
    );
  });

  it('keep what is uploaded, copied and saved within the disk quota, and let everything be deleted', async () => {
    assert.equal((await put('one.bin', mebibyte)).status, 200);
    await admin.projects.setLimits({ project: 'a', disk: 2 });
    const refusal = await put('two.bin', 2 * mebibyte);
    const { code: why, detail } = (await refusal.json()) as { code: string; detail: string };
    assert.deepEqual([refusal.status, why], [507, 'quota-exceeded']);
    assert.match(detail, /^The project "a" uses 1(\.\d)? MiB of its 2 MiB of disk space, and 2 MiB more are wanted\./);
    await assert.rejects(
      owner.files.copy({ project: 'a', from: 'one.bin', to: 'copy.bin', overwrite: false }),
      (error) => code(error) === 'quota-exceeded',
    );
    // What takes the place of as much needs no room.
    assert.equal((await put('one.bin', mebibyte)).status, 200);
    await owner.files.delete({ project: 'a', path: 'one.bin', forever: false });
    assert.equal((await put('two.bin', 2 * mebibyte)).status, 507, 'the bin counts');
    await owner.files.emptyBin({ project: 'a' });
    assert.equal((await put('two.bin', 1.5 * mebibyte)).status, 200);
  });

  it('keep an upload that does not say its length within the disk quota, too', async () => {
    await owner.projects.create({ name: 'b' });
    await admin.projects.setLimits({ project: 'b', disk: 1 });
    async function* endless() {
      for (let sent = 0; sent < 64; sent++) yield new Uint8Array(mebibyte / 8);
    }
    const answer = await gateway.fetch(`${apiPrefix}/projects/b/files/content?path=x`, {
      method: 'PUT',
      key: ownerKey,
      body: endless(),
      duplex: 'half',
    } as unknown as RequestInit & { key: string });
    assert.equal(answer.status, 507);
    assert.deepEqual((await owner.files.list({ project: 'b', path: '' })).entries, []);
  });

  it('refuse snapshots and check-outs of a project that is over its disk quota', async () => {
    await owner.projects.create({ name: 'c' });
    assert.equal((await put('one.bin', mebibyte, 'c')).status, 200);
    await admin.projects.setLimits({ project: 'c', disk: 0 });
    await assert.rejects(owner.git.clone({ project: 'c', url: 'https://127.0.0.1:1/x.git' }), (error) => code(error) === 'quota-exceeded');
    const blob = await gateway.fetch(`${apiPrefix}/projects/c/snapshots/blobs/${'0'.repeat(64)}`, {
      method: 'PUT',
      key: ownerKey,
      body: 'x',
    });
    assert.equal(blob.status, 507);
    await owner.files.delete({ project: 'c', path: 'one.bin', forever: true });
    assert.deepEqual((await owner.files.list({ project: 'c', path: '' })).entries, []);
  });

  it('are told to members as an event', async () => {
    const { id } = await (async () => {
      for await (const event of await owner.events.subscribe({}, { lastEventId: '0' })) return event;
      return { id: 0 };
    })();
    const told: Promise<ProjectLimits> = (async () => {
      for await (const event of await owner.events.subscribe({}, { lastEventId: String(id) })) {
        if (event.type === 'project.limits-changed' && event.data.limits.gpus === 7) return event.data;
      }
      throw new Error('the stream ended');
    })();
    await admin.projects.setLimits({ project: 'a', gpus: 7 });
    assert.equal((await told).project, 'a');
  });
});
