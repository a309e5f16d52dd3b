import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { run, startWorld } from './containers.fixture.ts';

const never = new AbortController().signal;
const wanted = { project: 'p', environment: 'python-inference', notebook: 'a.ipynb', memory: 512, cores: 1, gpus: 0 };

type World = Awaited<ReturnType<typeof startWorld>>;
type Gateway = Awaited<ReturnType<World['startGateway']>>;

async function startKernel({ kernels }: Gateway, { events }: World) {
  const { id } = await kernels.start(wanted, 'ada');
  await events.until('kernel.changed', (kernel) => kernel.id === id && kernel.state === 'idle');
  return { project: 'p', kernel: id };
}

describe('a kernel', { timeout: 300_000 }, () => {
  it('is one for all who start it for the same notebook at once', async (t) => {
    const world = await startWorld(t);
    const { kernels } = await world.startGateway();
    const both = await Promise.all([kernels.start(wanted, 'ada'), kernels.start(wanted, 'grace')]);
    assert.equal(both[0].id, both[1].id);
    assert.equal((await kernels.list('p', { ended: false })).length, 1);
  });

  it('works in the project, as nobody, and with what it was given', async (t) => {
    const world = await startWorld(t);
    const gateway = await world.startGateway();
    const name = await startKernel(gateway, world);
    const { uid } = world.project.owner;
    assert.equal(await run(gateway.kernels, name, 'import os; print(os.getcwd(), os.getuid())'), `/project ${uid}`);
    await run(gateway.kernels, name, 'open("made.txt", "w").write("1")');
    assert.equal((await stat(join(world.project.files, 'made.txt'))).uid, uid);
    const [container] = await world.docker.list({ 'bine.gateway': world.gateway });
    assert.equal((await run(gateway.kernels, name, 'open("/etc/nothing", "w")')).split(':')[0], 'PermissionError');
    assert.ok(container?.running);
  });

  it('lives on without its gateway, and the next one finds it, what it remembers, and what it printed meanwhile', async (t) => {
    const world = await startWorld(t);
    const first = await world.startGateway();
    const name = await startKernel(first, world);
    await run(first.kernels, name, 'x = 41');
    await first.stop();

    const second = await world.startGateway();
    await second.kernels.reconcile();
    assert.equal((await second.kernels.get(name)).id, name.kernel);
    assert.equal(await run(second.kernels, name, 'print(x + 1)'), '42');
    assert.deepEqual(
      (await second.kernels.executions(name)).map(({ state }) => state),
      ['succeeded', 'succeeded'],
    );
  });

  it('is found again by a gateway that lost its database', async (t) => {
    const world = await startWorld(t);
    const first = await world.startGateway();
    const name = await startKernel(first, world);
    await run(first.kernels, name, 'x = 41');
    await first.stop();

    const second = await world.startGateway({ database: 'another.db' });
    await second.kernels.reconcile();
    const found = await second.kernels.get(name);
    assert.deepEqual([found.notebook, found.environment, found.user], ['a.ipynb', 'python-inference', 'ada']);
    assert.equal(await run(second.kernels, name, 'print(x + 1)'), '42');
  });

  it('ends when it was idle for too long, after a warning, and keeps what it said', async (t) => {
    const world = await startWorld(t);
    let ahead = 0;
    const gateway = await world.startGateway({ now: () => Date.now() + ahead });
    const name = await startKernel(gateway, world);
    await run(gateway.kernels, name, 'print("said")');
    const { lastActivity } = await gateway.kernels.get(name);
    const idle = world.project.idleMinutes * 60_000 - (Date.now() - Date.parse(lastActivity));
    ahead = idle - 60_000;
    await gateway.kernels.endIdle();
    const warning = await world.events.until('kernel.idle-warning', ({ kernel }) => kernel === name.kernel);
    assert.equal(warning.notebook, 'a.ipynb');
    assert.equal((await gateway.kernels.get(name)).state, 'idle');
    ahead = idle + 60_000;
    await gateway.kernels.endIdle();
    const ended = await gateway.kernels.get(name);
    assert.equal(ended.state, 'stopped');
    assert.match(ended.cause ?? '', /idle for 60 minutes/);
    assert.deepEqual(await world.docker.list({ 'bine.gateway': world.gateway }), []);
    const { records } = await gateway.kernels.channel(name, { user: 'ann', since: 0, signal: never });
    let text = '';
    for await (const { frames } of records) text += Buffer.concat(frames).toString();
    assert.match(text, /"said\\n"/);
  });

  it('that asks for more than the machine has is refused with the numbers', async (t) => {
    const { kernels } = await (await startWorld(t)).startGateway();
    await assert.rejects(kernels.start({ ...wanted, memory: 4_000_000 }, 'ada'), {
      code: 'invalid',
      message: /4000000 MiB, but this machine has \d+ MiB/,
    });
    assert.deepEqual(await kernels.list('p', { ended: false }), []);
  });
});
