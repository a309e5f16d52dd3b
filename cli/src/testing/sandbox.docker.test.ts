/** That what tests leave behind is found, and nobody else's. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { createDocker } from '../../../gateway/src/adapters/docker/docker.ts';
import { newId } from '../../../gateway/src/lib/id.ts';
import { createSandbox } from './sandbox.ts';
import { noteVariable } from './test-gateways.ts';

const root = join(import.meta.dirname, '../../..');
const docker = createDocker({ host: process.env['DOCKER_HOST'] ?? null });

/** What a gateway has on the engine; the image is one that is there, by another name. */
async function leave(gateway: string, stack: AsyncDisposableStack): Promise<string[]> {
  const labels = { 'bine.gateway': gateway };
  const [network, volume, repository] = [`bine-jobs-${gateway}`, `bine-cache-${gateway}-bundled`, `bine/env-${gateway}-${newId()}`];
  const [image] = (await docker.images.list({})).filter(({ tags }) => tags.some((tag) => tag.startsWith('bine/base:')));
  assert.ok(image, 'the engine has no base image');
  await docker.networks.create({ name: network, bridge: `bt${gateway.slice(0, 8)}`, labels });
  stack.defer(async () => void (await docker.networks.remove(network)));
  await docker.volumes.create(volume, labels);
  stack.defer(async () => void (await docker.volumes.remove(volume)));
  await docker.images.tag(image.id, { repository, tag: '1' });
  stack.defer(async () => void (await docker.images.remove(`${repository}:1`)));
  return [`the network ${network}`, `the volume ${volume}`, `the image ${repository}:1`];
}

it('what gateways of the run left on the engine is found and removed, and nobody else’s', async () => {
  await using stack = new AsyncDisposableStack();
  const sandbox = stack.use(await createSandbox(root, process.env));
  const [noted, mounting, foreign] = [newId(), newId(), newId()];
  await writeFile(sandbox.env[noteVariable]!, `${noted}\n`);
  const expected = [...(await leave(noted, stack)), ...(await leave(mounting, stack))];
  const kept = await leave(foreign, stack);
  // A kernel whose folder is below the sandbox's tells whose it is.
  await mkdir(join(sandbox.folder, 'home'));
  const [image] = (await docker.images.list({})).filter(({ tags }) => tags.some((tag) => tag.startsWith('bine/base:')));
  const name = `bine-kernel-${newId()}`;
  const container = await docker.create({
    name,
    image: image!.id,
    command: ['sleep', '600'],
    labels: { 'bine.gateway': mounting },
    network: 'none',
    mounts: [{ source: join(sandbox.folder, 'home'), target: '/kernel' }],
  });
  stack.defer(() => docker.remove(container));
  await docker.start(container);

  const sweep = () => sandbox.sweep(docker.socket, AbortSignal.timeout(120_000));
  const { left, late } = await sweep();
  assert.deepEqual([...left, ...late].toSorted(), [...expected, `the container /${name}`, 'the temporary folder home'].toSorted());
  assert.deepEqual(late.toSorted(), [noted, mounting].map((gateway) => `the network bine-jobs-${gateway}`).toSorted());
  assert.deepEqual(await sweep(), { left: ['the temporary folder home'], late: [] }, 'what was found is gone');
  const labels = { 'bine.gateway': foreign };
  const there = [
    ...(await docker.networks.list(labels)).map((one) => one.name),
    ...(await docker.volumes.list(labels)).map((one) => one.name),
  ];
  for (const one of there) assert.ok(kept.some((words) => words.endsWith(one)));
  assert.equal(there.length, 2);
  assert.ok(await docker.images.inspect(kept[2]!.replace('the image ', '')));
});
