/** A package index that wants a password, and packages of it whose builds look for that password. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { startWorld } from '../kernels/containers.fixture.ts';
import type { World } from '../kernels/containers.fixture.ts';
import { archive, change, cloned, lines, mine, never, wheel } from './clones.fixture.ts';

const password = 'planted-secret-of-the-index';

/** Serves the files, which are of the project, to who knows the password. */
async function privateIndex(t: TestContext, { project }: World, files: Record<string, string>) {
  const server = createServer(({ url, headers }, response) => {
    const [, place, name = ''] = url!.split('/');
    if (headers.authorization !== `Basic ${btoa(`me:${password}`)}`) response.writeHead(401).end();
    else if (place === 'files') response.end(readFileSync(join(project.files, name)));
    else if (files[name]) response.setHeader('content-type', 'text/html').end(`<a href="/files/${files[name]}">${files[name]}</a>`);
    else response.writeHead(404).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { UV_INDEX: `http://me:${password}@127.0.0.1:${(server.address() as AddressInfo).port}/simple` };
}

/** Looks wherever its user may. In two parts, as it would find itself. */
const search = `
import glob, json, os
wanted = b"planted-secret-" + b"of-the-index"
places = [*glob.glob("/proc/*/environ"), *glob.glob("/proc/*/cmdline"), "/proc/self/mountinfo"]
for top in ["/cache", "/tmp", "/opt/env", "/etc", "/home", "/bine-relay", "/bine-source"]:
    places += [os.path.join(folder, name) for folder, _, names in os.walk(top) for name in names]
seen, hits = 0, []
for place in places:
    try:
        with open(place, "rb") as file:
            seen += 1
            if wanted in file.read():
                hits.append(place)
    except OSError:
        pass
raise RuntimeError("FOUND " + json.dumps({"looked": seen > 100, "hits": hits}))
`;

describe('an index that wants a password', { timeout: 600_000 }, () => {
  it('gives its packages to builds, which find the password nowhere, nor does who looks at what they leave', async (t) => {
    const world = await startWorld(t);
    const sources = await archive(world, 'looks-1.0', search);
    const { file } = await wheel(world.project.files, 'ours', { version: '1.0', text: 'hello' });
    const { environments } = await world.startGateway({ forUv: await privateIndex(t, world, { looks: sources, ours: file }) });
    await cloned(environments);

    const looked = await change(environments, { install: ['looks'] });
    const log = (await lines(environments, looked.id)).map(({ text }) => text).join('\n');
    assert.deepEqual(JSON.parse(/FOUND (\{.*\})/.exec(log)?.[1] ?? log), { looked: true, hits: [] });

    const done = await change(environments, { install: ['ours', 'toolz'] });
    assert.deepEqual([done.state, done.problem], ['succeeded', null]);
    const { lock, packages, image } = await environments.revision({ ...mine, revision: 2 }, never);
    assert.ok(packages.some(({ name, version }) => name === 'ours' && version === '1.0'));
    assert.match(lock, /^ours==1\.0/m);
    const containers = (await world.docker.list({ 'bine.gateway': world.gateway })).map(({ id }) => id);
    const docker = (...words: string[]) => execFileSync('docker', words, { encoding: 'utf8', maxBuffer: 2 ** 26 });
    const told = [
      log,
      (await lines(environments, done.id)).map(({ text }) => text).join('\n'),
      lock,
      containers.length > 0 ? docker('inspect', ...containers) : '',
      docker('image', 'inspect', image),
      docker('history', '--no-trunc', image),
    ];
    for (const text of told) assert.ok(!text.includes(password), text);
    const inside = docker(
      'run',
      '--rm',
      '--user',
      '0:0',
      image,
      'sh',
      '-c',
      `grep -rl ${password} /opt /tmp /home /etc /var /root || true`,
    );
    assert.equal(inside, '');
  });
});
