import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { BuildLine } from '@bine/shared';
import type { Recipe } from '../../ports/images.ts';
import { newId } from '../../lib/id.ts';
import type { Environments } from './environments.ts';
import { startWorld } from '../kernels/containers.fixture.ts';

const never = new AbortController().signal;

function recipe(...packages: string[]): Recipe {
  return { name: `test-${newId()}`, title: 'Test', purpose: 'feature', description: '', packages, lock: null };
}

/** Small, and of no other test. */
const small = () => recipe('six==1.17.0');
const slow = () => recipe('numpy==2.4.6', 'jedi==0.20.1');
const impossible = () => recipe('six==99.0');

const named = ({ name }: Recipe) => ({ project: 'p', environment: name });

async function ensure(environments: Environments, { name }: Recipe): Promise<string> {
  return (await environments.ensure({ projectId: 'p', environment: name }, never)).image;
}

async function read(lines: AsyncIterable<BuildLine>): Promise<BuildLine[]> {
  const all: BuildLine[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

describe('an environment', { timeout: 600_000 }, () => {
  it('is built once for all who ask at once, and each reads the whole log', async (t) => {
    const one = small();
    const { startGateway, events } = await startWorld(t, { recipes: [one] });
    const { environments } = await startGateway();
    assert.equal((await environments.get(named(one), never)).state, 'absent');
    const images = [ensure(environments, one), ensure(environments, one)];
    await events.until('environment.changed', ({ name, state }) => name === one.name && state === 'building');
    assert.equal((await environments.build(named(one), never)).state, 'building');
    const logs = await Promise.all([read(await environments.log(named(one), never)), read(await environments.log(named(one), never))]);
    const [first, second] = await Promise.all(images);
    assert.equal(first, second);
    assert.deepEqual(logs[0], logs[1]);
    const text = logs[0].map((line) => line.text);
    assert.equal(text.filter((line) => line.includes('+ six==1.17.0')).length, 1);
    assert.deepEqual(logs[0].map((line) => line.done).filter(Boolean), ['succeeded']);
    const states = events.all.filter((event) => event.type === 'environment.changed').map((event) => event.data.state);
    assert.deepEqual(states, ['building', 'ready']);

    const later = await startGateway();
    const { state, image, built } = await later.environments.get(named(one), never);
    assert.deepEqual([state, image], ['ready', first]);
    assert.ok(built);
    assert.equal((await later.environments.build(named(one), never)).state, 'ready');
    assert.deepEqual(await read(await later.environments.log(named(one), never)), logs[0]);
  });

  it('says what it is made of, and under which licences', async (t) => {
    const one = small();
    const { environments } = await (await startWorld(t, { recipes: [one] })).startGateway();
    const image = await ensure(environments, one);
    const contentOf = (name: string) =>
      execFileSync('docker', ['run', '--rm', image, 'cat', `/opt/env/share/bine/${name}`], { encoding: 'utf8' });
    const { bomFormat, components } = JSON.parse(contentOf('sbom.cdx.json')) as { bomFormat: string; components: { purl: string }[] };
    assert.deepEqual([bomFormat, components.map(({ purl }) => purl)], ['CycloneDX', ['pkg:pypi/six@1.17.0']]);
    assert.match(contentOf('NOTICES.txt'), /^six 1\.17\.0\nLicence: MIT[\s\S]*Benjamin Peterson/);
  });

  it('is built anew when its recipe changed', async (t) => {
    const one = small();
    const { startGateway } = await startWorld(t, { recipes: [one] });
    const before = await ensure((await startGateway()).environments, one);
    one.packages = ['six==1.16.0'];
    const { environments } = await startGateway();
    assert.equal((await environments.get(named(one), never)).state, 'absent');
    assert.notEqual(await ensure(environments, one), before);
  });

  it('is built beside another one', async (t) => {
    const [one, other] = [slow(), slow()];
    const { startGateway, events } = await startWorld(t, { recipes: [one, other] });
    const { environments } = await startGateway();
    await Promise.all([ensure(environments, one), ensure(environments, other)]);
    const states = events.all.filter((event) => event.type === 'environment.changed').map((event) => event.data.state);
    assert.deepEqual(states, ['building', 'building', 'ready', 'ready']);
  });

  it('that cannot be resolved says why, also to a later gateway, and can be tried again', async (t) => {
    const one = impossible();
    const { startGateway } = await startWorld(t, { recipes: [one] });
    const { environments } = await startGateway();
    await assert.rejects(ensure(environments, one), { code: 'build-failed', message: /six==99\.0/ });
    const lines = await read(await environments.log(named(one), never));
    assert.equal(lines.at(-1)?.done, 'failed');
    const later = await (await startGateway()).environments.get(named(one), never);
    assert.equal(later.state, 'failed');
    assert.match(later.problem ?? '', /six==99\.0/);
    await assert.rejects(ensure(environments, one), { code: 'build-failed' });
  });

  it('is not made of files with other hashes than those that are locked, nor of what would have to be built', async (t) => {
    const hash = 'ff70335d468e7eb6ec65b95b99d3a2836546063f63acc5171de367e834932a81';
    const locks = [`six==1.17.0 --hash=sha256:${'0'.repeat(64)}\n`, `six==1.17.0 --hash=sha256:${hash}\n`];
    const one = small();
    const { startGateway, home } = await startWorld(t, { recipes: [one] });
    const { environments } = await startGateway();
    for (const text of locks) {
      one.lock = { path: join(home, 'requirements.lock'), text };
      await writeFile(one.lock.path, text);
      // The second hash is the source archive's, which has no wheel's content.
      await assert.rejects(ensure(environments, one), { code: 'build-failed', message: /six/ });
    }
  });

  it('can be cancelled while it is built, which ends whoever waits for it and leaves nothing', async (t) => {
    const one = slow();
    const { startGateway, docker, gateway, events } = await startWorld(t, { recipes: [one] });
    const { environments } = await startGateway();
    const waiting = assert.rejects(ensure(environments, one), { code: 'cancelled' });
    await events.until('environment.changed', ({ name, state }) => name === one.name && state === 'building');
    const log = await environments.log(named(one), never);
    for await (const { text } of log) if (text.startsWith('Installing')) break;
    assert.equal((await environments.cancelBuild(named(one), 'ann', never)).state, 'absent');
    await waiting;
    assert.equal((await read(await environments.log(named(one), never))).at(-1)?.done, 'cancelled');
    assert.deepEqual(await docker.list({ 'bine.gateway': gateway }), []);
    await assert.rejects(environments.cancelBuild(named(one), 'ann', never), { code: 'conflict' });
  });

  it('that nobody knows is not found', async (t) => {
    const { environments } = await (await startWorld(t)).startGateway();
    await assert.rejects(environments.get({ project: 'p', environment: 'no-such' }, never), {
      code: 'not-found',
      message: /"no-such".*python-training/,
    });
  });
});

describe('a gateway that died during a build', { timeout: 600_000 }, () => {
  it('leaves no container behind, and a log that says so', async (t) => {
    const one = small();
    const { startGateway, docker, gateway, home } = await startWorld(t, { recipes: [one] });
    const first = await startGateway();
    await ensure(first.environments, one);
    // What a SIGKILL leaves: a container at work, and a log without an end.
    const { image } = await first.environments.get(named(one), never);
    await docker.create({
      name: `bine-build-${newId()}`,
      image: image!,
      command: ['sleep', '600'],
      labels: { 'bine.gateway': gateway, 'bine.role': 'build' },
    });
    const { createBuildLogs } = await import('../../adapters/disk/build-logs.ts');
    const log = await createBuildLogs(`${home}/builds`).begin(one.name);
    log.write({ time: new Date().toISOString(), text: 'half way' });
    await log.close();

    const { environments } = await startGateway();
    await environments.reconcile(never);
    assert.deepEqual(await docker.list({ 'bine.gateway': gateway, 'bine.role': 'build' }), []);
    const lines = await read(await environments.log(named(one), never));
    assert.deepEqual(
      lines.map((line) => line.done),
      [undefined, 'failed'],
    );
  });
});
