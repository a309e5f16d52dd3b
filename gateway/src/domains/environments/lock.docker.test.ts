import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startWorld } from '../kernels/containers.fixture.ts';
import { cloned, never, wheel } from './clones.fixture.ts';
import { lockOf } from './lock.ts';

const execute = promisify(execFile);

/** A server for the wheels, on the loopback of a container without a network, and pip itself, which asks again until the server is there. */
const script = `set -e
python3 -m venv /tmp/new
python3 -m http.server 8000 --bind 127.0.0.1 --directory /srv >/dev/null 2>&1 &
/tmp/new/bin/pip install --quiet --disable-pip-version-check --no-index --require-hashes -r "/srv/$1" 2>&1
/tmp/new/bin/python -c 'import greeting; print(greeting.TEXT)'`;

describe('the lock of an environment', { timeout: 600_000 }, () => {
  it('with a wheel from a URL is installed by pip, unless what is there now has another hash', async (t) => {
    const world = await startWorld(t);
    const { environments } = await world.startGateway();
    const { from } = await cloned(environments);
    const { image } = await environments.get({ project: 'p', environment: from! }, never);
    const folder = world.project.files;
    const { file, hash } = await wheel(folder, 'greeting', { version: '1.0', text: 'hello' });
    const lock = (sha256: string) =>
      lockOf([{ name: 'greeting', version: '1.0', source: 'wheel', from: `http://127.0.0.1:8000/${file}`, hashes: [`sha256:${sha256}`] }]);
    await writeFile(join(folder, 'lock.txt'), lock(hash));
    await writeFile(join(folder, 'changed.txt'), lock('0'.repeat(64)));
    const box = ['run', '--rm', '--network=none', `--volume=${folder}:/srv:ro`, '--entrypoint=sh', image!, '-c', script, 'install'];
    const { stdout } = await execute('docker', [...box, 'lock.txt']);
    assert.equal(stdout, 'hello\n');
    await assert.rejects(execute('docker', [...box, 'changed.txt']), ({ stdout }: { stdout: string }) =>
      /DO NOT MATCH THE HASHES/.test(stdout),
    );
  });
});
