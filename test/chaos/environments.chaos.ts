/** An environment is as before a change or as after it, never between, and nothing is left behind, whenever the gateway is killed. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { BuildLine, Change } from '@bine/shared';
import { apiPrefix, fileContent } from '@bine/shared';
import { problemFrom } from '@bine/shared/problems';
import { createDocker } from '../../gateway/src/adapters/docker/docker.ts';
import { startGateway, type TestGateway } from '../vscode/gateway.ts';
import { openKernel, run, startKernelIn, untilKernel } from './kernel-client.ts';
import { random } from './random.ts';

const project = 'chaos';
const mine = { project, environment: 'mine' };
const kills = 8;
/** A change takes some 400 ms here, and twice as long where nothing is warm. */
const latestKill = 900;
const packages = ['iniconfig', 'toolz', 'tabulate', 'termcolor', 'cachetools', 'natsort'];

/** What is installed, as Python itself sees it. */
const listInstalled = `import importlib.metadata as m, json, re
print(json.dumps(sorted({re.sub('[-_.]+', '-', one.metadata['Name']).lower() + '==' + one.version for one in m.distributions(path=['/opt/env/lib/python3.11/site-packages'])})))
`;

/** `name==version`, sorted. */
type Pins = string[];
type State = { revision: number; pins: Pins };
type Action = { what: string; begin: () => Promise<Change>; pins: (pins: Pins) => Pins };

const pinName = (pin: string) => pin.split('==')[0]!;

describe('a gateway that is killed while environments are changed', { timeout: 900_000 }, () => {
  const docker = createDocker({ host: process.env['DOCKER_HOST'] ?? null });
  let gateway: TestGateway;
  let kernel: string;
  /** Of all packages that are installed in turn, with the newest versions. */
  const newest = new Map<string, string>();

  before(async () => {
    gateway = await startGateway();
    await gateway.api.projects.create({ name: project });
    await gateway.api.environments.clone({ project, environment: 'python-inference', name: mine.environment });
    await put('list.py', listInstalled);
    const compute = { cores: 0.5, memory: 256 };
    await gateway.api.jobs.put({ project, job: 'list', path: 'list.py', environment: mine.environment, compute });
    const { id } = await gateway.api.environments.change({ ...mine, install: packages });
    assert.equal((await lines(id)).at(-1)?.done, 'succeeded');
    for (const pin of (await now()).pins) if (packages.includes(pinName(pin))) newest.set(pinName(pin), pin);
    assert.equal(newest.size, packages.length);
    kernel = await startKernelIn(gateway, { project, environment: mine.environment });
  });
  after(() => gateway[Symbol.asyncDispose]());

  async function put(path: string, body: string): Promise<void> {
    const url = `${gateway.url}${apiPrefix}${fileContent.path.replace('{project}', project)}?path=${path}`;
    const response = await fetch(url, { method: 'PUT', body, headers: { authorization: `Bearer ${gateway.key}` } });
    assert.equal(response.status, 200);
  }

  async function lines(change: string): Promise<BuildLine[]> {
    const all: BuildLine[] = [];
    for await (const line of await gateway.api.environments.log({ ...mine, change })) all.push(line);
    return all;
  }

  /** As the gateway tells it, in each of the ways in which it does. */
  async function now(): Promise<State> {
    const { state, revision } = await gateway.api.environments.get(mine);
    assert.equal(state, 'ready');
    const listed = await gateway.api.environments.packages(mine);
    const kept = await gateway.api.environments.revision({ ...mine, revision: revision! });
    const pins = listed.map(({ name, version }) => `${name}==${version}`).toSorted();
    assert.deepEqual(kept.packages.map(({ name, version }) => `${name}==${version}`).toSorted(), pins);
    assert.deepEqual((kept.lock.match(/^[\w.-]+==[^\s\\]+/gm) ?? []).toSorted(), pins, 'the lock is of something else');
    assert.equal((await gateway.api.environments.revisions(mine))[0]?.number, revision);
    return { revision: revision!, pins };
  }

  async function pinsOfJob(): Promise<Pins> {
    const { id: execution } = await gateway.api.jobs.run({ project, job: 'list' });
    let text = '';
    for await (const line of await gateway.api.executions.log({ project, execution })) text += line.text;
    return JSON.parse(text) as Pins;
  }

  async function pinsOfKernel(revision: number): Promise<Pins> {
    await untilKernel(gateway, { project, kernel }, (one) => one.state === 'idle' && one.revision === revision);
    await using socket = await openKernel(gateway, { project, kernel });
    return JSON.parse((await run(socket, listInstalled)).text) as Pins;
  }

  function choose(next: () => number, { revision, pins }: State, pinsOf: ReadonlyMap<number, Pins>): Action {
    const { environments } = gateway.api;
    const there = pins.map(pinName);
    const name = packages[Math.floor(next() * packages.length)]!;
    const target = 1 + Math.floor(next() * (revision - 1));
    if (next() < 0.25) {
      const begin = () => environments.rollback({ ...mine, revision: target });
      return { what: `back to ${target}`, begin, pins: () => pinsOf.get(target)! };
    }
    if (there.includes(name)) {
      const begin = () => environments.change({ ...mine, uninstall: [name] });
      return { what: `- ${name}`, begin, pins: (all) => all.filter((pin) => pinName(pin) !== name) };
    }
    const begin = () => environments.change({ ...mine, install: [name] });
    return { what: `+ ${name}`, begin, pins: (all) => [...all, newest.get(name)!].toSorted() };
  }

  /** Who is answered knows what was begun; who is not, looks later. */
  async function beginAndKill<T>(begin: () => Promise<T>, after: number): Promise<T | null> {
    const begun = begin().catch((error: unknown) => {
      if (problemFrom(error)) throw error;
      return null;
    });
    await delay(after);
    await gateway.kill();
    return begun;
  }

  /** Only what a revision needs, and what the gateway that runs now has made. */
  async function nothingLeft(earlier: ReadonlySet<string>): Promise<void> {
    const { gateway: id } = JSON.parse(await readFile(join(gateway.home, 'gateway.json'), 'utf8')) as { gateway: string };
    const building = await docker.list({ 'bine.gateway': id, 'bine.role': 'build' });
    assert.deepEqual(
      building.map(({ id: one }) => one).filter((one) => earlier.has(one)),
      [],
      'containers in which an earlier gateway built',
    );
    const own = (await gateway.api.environments.list({ project })).filter(({ bundled }) => !bundled);
    const needed = new Set<string>();
    for (const { name } of own)
      for (const { image } of await gateway.api.environments.revisions({ project, environment: name })) needed.add(image);
    const named = (await docker.images.list({ 'bine.role': 'image' })).filter(({ tags }) =>
      tags.some((tag) => tag.startsWith(`bine/env-${id}-`)),
    );
    assert.deepEqual(new Set(named.map((one) => one.id)), needed);
    const nameless = (await docker.images.list({ 'bine.gateway': id })).filter(({ tags }) => tags.every((tag) => tag.startsWith('<none>')));
    assert.deepEqual(nameless, []);
  }

  async function builders(): Promise<ReadonlySet<string>> {
    return new Set((await docker.list({ 'bine.role': 'build' })).map(({ id }) => id));
  }

  for (const seed of [1, 2, 3]) {
    it(`finds it before or after each change, with its log (${kills} kills, seed ${seed})`, async (t) => {
      const next = random(seed);
      for (let killed = 0; killed < kills; killed++) {
        const was = await now();
        const pinsOf = new Map<number, Pins>();
        for (const { number } of await gateway.api.environments.revisions(mine)) {
          const { packages: of } = await gateway.api.environments.revision({ ...mine, revision: number });
          pinsOf.set(number, of.map(({ name, version }) => `${name}==${version}`).toSorted());
        }
        const known = new Set((await gateway.api.environments.changes(mine)).map(({ id }) => id));
        const action = choose(next, was, pinsOf);
        const begun = await beginAndKill(action.begin, next() * latestKill);
        const earlier = await builders();
        await gateway.start();

        const fresh = (await gateway.api.environments.changes(mine)).filter(({ id }) => !known.has(id));
        assert.ok(fresh.length <= 1, 'one change was asked for');
        const [change] = fresh;
        if (begun) assert.equal(change?.id, begun.id, 'what was answered is forgotten');
        t.diagnostic(`${action.what}: ${change ? change.state : 'never begun'}`);
        const is = await now();
        if (change?.state === 'succeeded') {
          assert.equal(is.revision, change.revision ?? was.revision);
          assert.deepEqual(is.pins, action.pins(was.pins));
        } else {
          assert.deepEqual(is, was);
          if (change) assert.deepEqual([change.state, change.revision], ['failed', null]);
          if (change) assert.match(change.problem ?? '', /^The gateway was restarted during the change; nothing was changed\./);
        }
        if (change) {
          const last = (await lines(change.id)).at(-1);
          assert.equal(last?.done, change.state);
        }
        assert.deepEqual(await pinsOfJob(), is.pins, 'a job sees something else');
        const inKernel = await pinsOfKernel(is.revision);
        assert.deepEqual(inKernel, is.pins, `the kernel that runs has something else:\n${gateway.output().slice(-2000)}`);
        await nothingLeft(earlier);
      }
    });
  }

  it(`has a clone wholly or not at all (${kills} kills, seed 4)`, async (t) => {
    const next = random(4);
    for (let killed = 0; killed < kills; killed++) {
      const name = `clone-${killed}`;
      const { pins } = await now();
      const begun = await beginAndKill(() => gateway.api.environments.clone({ ...mine, name }), next() * 60);
      const earlier = await builders();
      await gateway.start();
      const found = (await gateway.api.environments.list({ project })).find((one) => one.name === name);
      t.diagnostic(found ? 'there' : 'not there');
      if (begun) assert.ok(found, 'what was answered is forgotten');
      if (found) {
        assert.deepEqual([found.state, found.revision], ['ready', 1]);
        const listed = await gateway.api.environments.packages({ project, environment: name });
        assert.deepEqual(listed.map((one) => `${one.name}==${one.version}`).toSorted(), pins);
        await gateway.api.environments.delete({ project, environment: name });
      }
      await nothingLeft(earlier);
    }
  });

  it('can still be changed afterwards', async () => {
    const { pins } = await now();
    const [name] = packages as [string];
    const there = pins.map(pinName).includes(name);
    const { id } = await gateway.api.environments.change({ ...mine, ...(there ? { uninstall: [name] } : { install: [name] }) });
    assert.equal((await lines(id)).at(-1)?.done, 'succeeded');
    assert.equal((await now()).pins.map(pinName).includes(name), !there);
  });
});
