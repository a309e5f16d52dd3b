import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newId } from '../../lib/id.ts';
import { startWorld } from './containers.fixture.ts';

describe('a container that the engine made before it died', () => {
  it('goes, and that of a kernel stays', async (t) => {
    const world = await startWorld(t);
    const { kernels } = await world.startGateway();
    await kernels.reconcile();
    const [image] = await world.docker.images.list({ 'bine.image': 'python-inference' });
    const kernel = await kernels.start({ project: 'p', environment: 'python-inference', memory: 256, cores: 1, gpus: 0 }, 'ann');
    await world.events.until('kernel.changed', ({ id, state }) => id === kernel.id && state === 'idle');
    const labels = { 'bine.gateway': world.gateway, 'bine.role': 'kernel', 'bine.kernel': newId() };
    const unknown = await world.docker.create({ name: `bine-kernel-${newId()}`, image: image!.id, command: ['sleep', '600'], labels });
    const second = await world.docker.create({
      name: `bine-kernel-${newId()}`,
      image: image!.id,
      command: ['sleep', '600'],
      labels: { ...labels, 'bine.kernel': kernel.id },
    });
    await kernels.clearStrays();
    const left = (await world.docker.list({ 'bine.gateway': world.gateway, 'bine.role': 'kernel' })).map(({ id }) => id);
    assert.equal(left.length, 1);
    assert.ok(!left.includes(unknown) && !left.includes(second));
    await kernels.shutdown({ project: 'p', kernel: kernel.id }, 'ann');
  });
});
