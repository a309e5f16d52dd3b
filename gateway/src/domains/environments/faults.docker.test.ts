import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Environment, Package } from '@bine/shared';
import { startWorld } from '../kernels/containers.fixture.ts';
import type { World } from '../kernels/containers.fixture.ts';
import { archive, change, cloned, heldImages, lines, mine, never, nothingLeft, settled } from './clones.fixture.ts';
import type { Environments } from './environments.ts';
import type { Requested } from './requested.ts';

type Before = { environment: Environment; packages: Package[] };

async function look(environments: Environments): Promise<Before> {
  return { environment: await environments.get(mine, never), packages: await environments.packages(mine, never) };
}

/** Its revision, packages, image and all; but it says why it could not be changed. */
async function sameAsBefore(world: World, environments: Environments, { before, problem }: { before: Before; problem: string | null }) {
  const after = await look(environments);
  assert.deepEqual(after, { ...before, environment: { ...before.environment, problem } });
  assert.equal((await environments.revisions(mine)).length, 1);
  await nothingLeft(world, 1);
}

const extension =
  'from setuptools import setup, Extension\nsetup(name="fast", version="1.0", ext_modules=[Extension("fast", ["fast.c"])])\n';
const noIndex = { UV_DEFAULT_INDEX: 'http://127.0.0.1:9/simple', UV_HTTP_RETRIES: '0' };

type Fault = {
  what: string;
  wanted: Partial<Requested> | ((world: World) => Promise<Partial<Requested>>);
  problem: RegExp;
  /** What only the log has. */
  logged: RegExp;
  forUv?: Record<string, string>;
};

const faults: Fault[] = [
  {
    what: 'a package that nobody knows',
    wanted: { install: ['no-such-package-of-bine'] },
    problem: /^The package index has no "no-such-package-of-bine"\. Is that its name\?$/,
    logged: /No solution found/,
  },
  {
    what: 'a version that there is not',
    wanted: { install: ['humanize==99.9'] },
    problem: /^The package index has no humanize==99\.9\.$/,
    logged: /No solution found/,
  },
  {
    what: 'pins that exclude each other',
    wanted: { install: ['jedi==0.19.1', 'parso==0.7.0'] },
    problem: /^Nothing fits all that was asked for\. Because jedi==0\.19\.1 depends on parso>=\S+ .* you require parso==0\.7\.0/,
    logged: /No solution found/,
  },
  {
    what: 'a package whose build fails',
    wanted: async (world) => ({ wheels: [await archive(world, 'broken-1.0', 'raise RuntimeError("this package cannot be built")\n')] }),
    problem: /^broken-1\.0\.tar\.gz could not be built: RuntimeError: this package cannot be built\.$/,
    logged: /Traceback \(most recent call last\)/,
  },
  {
    what: 'a package that wants a compiler',
    wanted: async (world) => ({ wheels: [await archive(world, 'fast-1.0', extension)] }),
    problem: /^fast-1\.0\.tar\.gz could not be built: .* There is no compiler in environments: ask for a version that comes as a wheel\.$/,
    logged: /building 'fast' extension/,
  },
  {
    what: 'what others need being uninstalled',
    wanted: { uninstall: ['joblib'] },
    problem: /^The package `scikit-learn` requires `joblib\S+`, but it's not installed\. Ask for versions that fit together, /,
    logged: /- joblib==/,
  },
  {
    what: 'what kernels need being uninstalled',
    wanted: { uninstall: ['ipykernel'] },
    problem: /^Kernels need ipykernel; the environment must keep it\.$/,
    logged: /- ipykernel==/,
  },
  {
    what: 'there being no network',
    wanted: { install: ['toolz'] },
    problem: /^http:\/\/127\.0\.0\.1:9 does not answer: Connection refused/,
    logged: /http:\/\/127\.0\.0\.1:9\/simple\/toolz/,
    forUv: noIndex,
  },
];

describe('a change that fails', { timeout: 600_000 }, () => {
  for (const { what, wanted, problem, logged, forUv } of faults) {
    it(`for ${what} says so in one line, keeps its log, and changes nothing`, async (t) => {
      const world = await startWorld(t);
      const { environments } = await world.startGateway(forUv && { forUv });
      await cloned(environments);
      const before = await look(environments);
      const failed = await change(environments, typeof wanted === 'function' ? await wanted(world) : wanted);
      assert.equal(failed.state, 'failed');
      assert.match(failed.problem!, problem);
      assert.doesNotMatch(failed.problem!, /\n/);
      const log = await lines(environments, failed.id);
      assert.deepEqual([log.at(-1)?.done, log.at(-1)?.text], ['failed', failed.problem]);
      assert.match(log.map(({ text }) => text).join('\n'), logged);
      await sameAsBefore(world, environments, { before, problem: failed.problem });
    });
  }

  it('because it was cancelled in the middle says by whom, keeps its log, and changes nothing', async (t) => {
    const world = await startWorld(t);
    const { environments } = await world.startGateway();
    await cloned(environments);
    const before = await look(environments);
    const begun = await environments.change({ ...mine, install: ['polars==2.1.0'], wheels: [], uninstall: [] }, 'ann');
    await world.events.until('environment.change', ({ id, state }) => id === begun.id && state === 'installing');
    const { state, problem } = await environments.cancelChange({ ...mine, change: begun.id }, 'bob');
    assert.deepEqual([state, problem], ['cancelled', 'bob cancelled it.']);
    const log = await lines(environments, begun.id);
    assert.deepEqual([log.at(-1)?.done, log.at(-1)?.text], ['cancelled', 'bob cancelled it.']);
    assert.ok(log.some(({ text }) => text.startsWith('Resolved ')));
    await sameAsBefore(world, environments, { before, problem: null });
  });

  it('leaves the next one to succeed', async (t) => {
    const { environments } = await (await startWorld(t)).startGateway();
    await cloned(environments);
    const failed = await change(environments, { install: ['no-such-package-of-bine'] });
    assert.equal(failed.state, 'failed');
    const { state, revision } = await change(environments, { install: ['toolz'] });
    assert.deepEqual([state, revision, (await environments.get(mine, never)).problem], ['succeeded', 2, null]);
  });
});

describe('a container that is kept warm for the next change', { timeout: 600_000 }, () => {
  it('is not missed when somebody removed it', async (t) => {
    const world = await startWorld(t);
    const { environments } = await world.startGateway();
    await cloned(environments);
    const { docker, gateway } = world;
    for (const { id } of await docker.list({ 'bine.gateway': gateway, 'bine.role': 'build' })) await docker.remove(id);
    const begun = await environments.change({ ...mine, install: ['toolz'], wheels: [], uninstall: [] }, 'ann');
    const { state, problem } = await settled(environments, begun);
    assert.deepEqual([state, problem], ['succeeded', null]);
  });

  it('does not keep the images of an environment that is deleted', async (t) => {
    const world = await startWorld(t);
    const { environments } = await world.startGateway();
    await cloned(environments);
    assert.equal((await change(environments, { install: ['toolz'] })).revision, 2);
    assert.equal((await heldImages(world)).length, 2);
    await environments.delete(mine, never);
    assert.deepEqual(await heldImages(world), []);
  });
});
