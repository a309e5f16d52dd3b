/** A source archive whose build needs a token, which is in nothing that is left of the build. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { secretFolderName, secretPlaces } from '../../lib/secret-places.ts';
import { startWorld } from '../kernels/containers.fixture.ts';
import type { World } from '../kernels/containers.fixture.ts';
import { archive, change, cloned, lines, mine, never } from './clones.fixture.ts';

const token = `token+${randomBytes(18).toString('base64')}=&`;

/** Whoever builds it has to know the token, and may not change it. */
const setup = `
import base64, os, sys
from setuptools import setup
folder = os.environ.get("BINE_SECRETS_DIR", "/run/secrets")
path = os.path.join(folder, "SDK_TOKEN")
if not os.path.exists(path):
    raise SystemExit("no token for the build")
token = open(path).read()
assert not os.access(path, os.W_OK) and not os.access(folder, os.W_OK)
assert token not in str(dict(os.environ))
`;
const builds = `${setup}setup(name="needs", version="1.0", py_modules=[])\n`;
const tells = `${setup}raise RuntimeError("refused: " + token + " " + base64.b64encode(("user:" + token).encode()).decode())\n`;

type Gateway = Awaited<ReturnType<World['startGateway']>>;

const docker = (...words: string[]) => execFileSync('docker', words, { maxBuffer: 2 ** 28 });
/** In every form in which it may have been written. */
const forms = [token, encodeURIComponent(token), Buffer.from(token).toString('base64').slice(0, 20)];
const shows = (bytes: Buffer | string) => forms.some((form) => bytes.includes(form));

async function start(t: TestContext): Promise<World & { now: Gateway }> {
  const world = await startWorld(t);
  const now = await world.startGateway();
  await cloned(now.environments);
  const created = new Date().toISOString();
  for (const name of ['ann', 'bea']) await now.db.insertInto('users').values({ name, admin: 0, created }).execute();
  await now.db
    .insertInto('projects')
    .values({ id: world.project.id, name: 'p', description: '', idle_minutes: 0, created, deleted: null, erasing: 0, uid: null })
    .execute();
  await now.secrets.set({ project: 'p', name: 'SDK_TOKEN', value: token, encoding: 'utf8' }, 'ann');
  return { ...world, now };
}

const given = { secrets: ['SDK_TOKEN'] };
const said = async ({ environments }: Gateway, id: string) => (await lines(environments, id)).map(({ text }) => text).join('\n');

/** Folders in memory that this gateway made. */
const inMemory = ({ gateway }: World): string[] =>
  secretPlaces(process.env).flatMap((place) => {
    const folder = join(place, secretFolderName(gateway));
    return existsSync(folder) ? readdirSync(folder) : [];
  });

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe('a package whose build needs a secret', { timeout: 600_000 }, () => {
  it('is built with it, and nothing that is left has it', async (t) => {
    const world = await start(t);
    const { now, gateway } = world;
    const wheels = [await archive(world, 'needs-1.0', builds)];
    const without = await change(now.environments, { wheels });
    assert.equal(without.state, 'failed');
    assert.match(await said(now, without.id), /no token for the build/);

    const done = await change(now.environments, { wheels, ...given });
    assert.deepEqual([done.state, done.problem, done.secrets], ['succeeded', null, ['SDK_TOKEN']]);
    const { lock, packages, image } = await now.environments.revision({ ...mine, revision: 2 }, never);
    assert.match(lock, /needs/);
    assert.ok(packages.some(({ name }) => name === 'needs'));
    assert.deepEqual(inMemory(world), []);

    const containers = (await world.docker.list({ 'bine.gateway': gateway })).map(({ id }) => id);
    for (const told of [
      docker('image', 'inspect', image),
      docker('history', '--no-trunc', image),
      ...containers.map((id) => docker('inspect', id)),
    ])
      assert.ok(!shows(told), told.toString());
    const places = ['/opt', '/tmp', '/home', '/etc', '/var', '/root', '/run'];
    const search = ['grep', '-rlF', ...forms.flatMap((form) => ['-e', form]), ...places];
    const found = spawnSync('docker', ['run', '--rm', '--user', '0:0', image, ...search], { encoding: 'utf8' });
    assert.deepEqual([found.status, found.stdout], [1, ''], 'it is in the image');
    for (const { name } of await world.docker.volumes.list({ 'bine.gateway': gateway })) {
      const bytes = docker('run', '--rm', '--user', '0:0', '-v', `${name}:/looked-at:ro`, image, 'tar', '-C', '/looked-at', '-c', '.');
      assert.ok(!shows(bytes), `it is in the volume ${name}`);
      assert.ok(!bytes.includes('needs-1.0'), 'who has no secrets would get what was built with them');
    }
    for (const file of filesBelow(world.home)) assert.ok(!shows(readFileSync(file)), file);
    assert.ok(!shows(JSON.stringify([world.events.all, await now.environments.changes(mine), lock])));
    assert.deepEqual(now.errors, []);
  });

  it('shows asterisks for it, whatever it says and in previews too', async (t) => {
    const world = await start(t);
    const wheels = [await archive(world, 'tells-1.0', tells)];
    const told = await change(world.now.environments, { wheels, ...given });
    assert.equal(told.state, 'failed');
    const log = await said(world.now, told.id);
    assert.match(log, /refused: \*\*\* \S*\*\*\*/);
    const asked = { ...mine, install: [], uninstall: [], wheels, ...given };
    const refused = await world.now.environments.preview(asked, 'ann', never).catch((error: Error) => error);
    assert.ok(refused instanceof Error);
    for (const text of [log, JSON.stringify(told), refused.message, JSON.stringify(world.events.all)]) assert.ok(!shows(text), text);
    assert.deepEqual(inMemory(world), []);
    for (const file of filesBelow(world.home)) assert.ok(!shows(readFileSync(file)), file);
  });

  it('is refused at once where there is no such secret, or it is of somebody else', async (t) => {
    const world = await start(t);
    const { environments, secrets } = world.now;
    await secrets.setMine({ name: 'MINE', value: token, encoding: 'utf8' }, 'bea');
    const wheels = [await archive(world, 'needs-1.0', builds)];
    const asked = { ...mine, install: [], uninstall: [], wheels, secrets: ['MINE'] };
    await assert.rejects(environments.change(asked, 'ann'), { code: 'invalid', message: /There is no secret "MINE"/ });
    await assert.rejects(environments.preview(asked, 'ann', never), { code: 'invalid' });
    assert.deepEqual(await environments.changes(mine), []);
  });
});
