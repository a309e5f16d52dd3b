/** Packages whose builds attack: what the code of a source archive can do while it is built, and what it can leave. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { newId } from '../../lib/id.ts';
import { run, startWorld } from '../kernels/containers.fixture.ts';
import type { World } from '../kernels/containers.fixture.ts';
import { archive, change, cloned, lines, mine, never, settled } from './clones.fixture.ts';
import type { Environments } from './environments.ts';

/** Runs the code while the package is built, then builds it. */
const attack = (name: string, code: string) =>
  `${code}\nfrom setuptools import setup\nsetup(name="${name}", version="1.0", py_modules=[])\n`;

/** Builds a package that prints what `expression` finds. */
async function found(world: World, environments: Environments, code: string): Promise<Record<string, unknown>> {
  const name = `look-${newId()}`;
  const setup = `${code}\nimport json\nraise RuntimeError("FOUND " + json.dumps(found))\n`;
  const { id } = await change(environments, { wheels: [await archive(world, `${name}-1.0`, setup)] });
  const text = (await lines(environments, id)).map((line) => line.text).join('\n');
  const json = /FOUND (\{.*\})/.exec(text)?.[1];
  assert.ok(json, text);
  return JSON.parse(json) as Record<string, unknown>;
}

async function install(world: World, environments: Environments, code: string) {
  const name = `hostile-${newId()}`;
  return change(environments, { wheels: [await archive(world, `${name}-1.0`, attack(name, code))] });
}

const confinement = `
import os, re
status = open("/proc/self/status").read()
def can(path):
    try:
        open(path, "ab").close()
        return True
    except OSError:
        return False
def reaches(address):
    import socket
    try:
        socket.create_connection((address, 8000), timeout=5).close()
        return True
    except OSError:
        return False
places = ["/opt/bine/bin/python", "/opt/bine/packages/x.pth", "/usr/local/bin/uv", "/usr/bin/python3", "/usr/lib/python3/x",
    "/etc/ld.so.preload", "/etc/passwd", "/bine-source/packages.py", "/usr/lib/python3.11/sitecustomize.py"]
found = {
    "uid": os.getuid(),
    "capabilities": re.search(r"CapBnd:\\s*(\\w+)", status)[1],
    "mayGain": re.search(r"NoNewPrivs:\\s*(\\d)", status)[1] == "0",
    "writes": [path for path in places if can(path)],
    "reaches": [address for address in ADDRESSES if reaches(address)],
}
`;

describe('the build of a hostile package', { timeout: 600_000 }, () => {
  it('is not root, has no capabilities, writes nothing but the environment, and reaches nothing that a job has', async (t) => {
    const world = await startWorld(t);
    const { environments } = await world.startGateway();
    const { image } = await cloned(environments);
    const own = `bine-test-${newId()}`;
    await world.docker.networks.create({ name: own, bridge: world.firewall.bridgeOf(own), labels: { 'bine.gateway': world.gateway } });
    const addresses: string[] = [];
    for (const network of [own, 'bridge']) {
      const command = ['/usr/bin/python3', '-m', 'http.server', '8000'];
      const labels = { 'bine.gateway': world.gateway };
      const id = await world.docker.create({ name: `bine-test-${newId()}`, image: image!, command, network, labels });
      await world.docker.start(id);
      const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
      addresses.push(execFileSync('docker', ['inspect', '--format', format, id], { encoding: 'utf8' }).trim());
    }
    const code = confinement.replace('ADDRESSES', JSON.stringify(addresses));
    assert.deepEqual(await found(world, environments, code), {
      uid: 61_000,
      capabilities: '0000000000000000',
      mayGain: false,
      writes: [],
      reaches: [],
    });
  });

  it('changes no package that another project or gateway installs, nor one that comes with Bine', async (t) => {
    const [world, other] = [await startWorld(t), await startWorld(t)];
    const { environments } = await world.startGateway();
    await cloned(environments);
    const poison = `
import pathlib
for path in pathlib.Path("/cache/uv").rglob("*.py"):
    try:
        with path.open("a") as file:
            file.write("\\nPOISONED = True\\n")
    except OSError:
        pass
`;
    assert.equal((await change(environments, { install: ['toolz==1.0.0'] })).state, 'succeeded');
    assert.equal((await install(world, environments, poison)).state, 'succeeded');

    const { environments: theirs, kernels } = await other.startGateway();
    await cloned(theirs);
    assert.equal((await change(theirs, { install: ['toolz==1.0.0'] })).state, 'succeeded');
    const { id } = await kernels.start({ project: 'p', environment: 'mine', memory: 1024, cores: 1, gpus: 0 }, 'ann');
    const said = await run(kernels, { project: 'p', kernel: id }, 'import toolz, toolz.utils; print(hasattr(toolz, "POISONED"))');
    assert.equal(said, 'False');
  });

  it('that was only previewed shares no container with another project', async (t) => {
    const world = await startWorld(t);
    const { environments } = await world.startGateway();
    await cloned(environments);
    const asked = { wheels: [await archive(world, 'stays-1.0', attack('stays', 'open("/opt/env/was-here", "w").close()'))] };
    await environments.preview({ ...mine, install: [], uninstall: [], ...asked }, 'ann', never);
    await environments.clone({ project: 'q', environment: 'python-inference', name: 'theirs' }, 'bob', never);
    const theirs = { project: 'q', environment: 'theirs' };
    const begun = await environments.change({ ...theirs, install: ['toolz'], wheels: [], uninstall: [] }, 'bob');
    await world.events.until('environment.change', ({ id, state }) => id === begun.id && state === 'succeeded');
    const { image } = await environments.get(theirs, never);
    assert.doesNotMatch(execFileSync('docker', ['run', '--rm', image!, 'ls', '/opt/env'], { encoding: 'utf8' }), /was-here/);
  });

  for (const { what, code, problem } of [
    {
      what: 'starts 5,000 processes',
      code: 'import os, time\nfor _ in range(5000):\n    if os.fork() == 0:\n        time.sleep(600)',
      problem: /^The build started more processes than its limit of 512\. /,
    },
    {
      what: 'takes 8 GB of memory',
      code: 'blocks = []\nfor _ in range(80):\n    blocks.append(b"x" * 100_000_000)',
      problem: /^The build needed more memory than its limit of \d+ MiB\. /,
    },
  ]) {
    it(`that ${what} ends with a sentence that names the limit, and nothing is changed`, async (t) => {
      const world = await startWorld(t);
      const { environments } = await world.startGateway();
      await cloned(environments);
      const failed = await install(world, environments, code);
      assert.equal(failed.state, 'failed');
      assert.match(failed.problem!, problem);
      assert.equal((await environments.get(mine, never)).revision, 1);
      assert.equal((await change(environments, { install: ['toolz'] })).state, 'succeeded');
    });
  }
});

/** Writes as whom it runs to the project, and a shell with the setuid bit; then does what is expected of it. */
const takeOver = `
import os, pathlib
evil = """#!/bin/sh
id -u > /project/ran-as-$(id -u)
cp /bin/sh /project/shell-$(id -u) && chmod 4755 /project/shell-$(id -u)
exec /usr/bin/python3 "$@"
"""
for name in ["/opt/bine/bin/python", "/opt/bine/bin/python3", "/usr/bin/git", "/opt/env/bin/git", "/opt/env/bin/uv", "/opt/env/bin/true"]:
    try:
        path = pathlib.Path(name)
        path.unlink(missing_ok=True)
        path.write_text(evil)
        path.chmod(0o4755)
    except OSError:
        pass
site = next(pathlib.Path("/opt/env/lib").glob("python3*/site-packages"))
(site / "sitecustomize.py").write_text("import os\\ntry:\\n    open(f'/project/site-{os.getuid()}', 'w').close()\\nexcept OSError:\\n    pass\\n")
os.system("cp /bin/sh /opt/env/bin/shell && chmod 4755 /opt/env/bin/shell")
`;

describe('an image that a hostile package left its programs in', { timeout: 600_000 }, () => {
  it('has none of them run as root, neither in running kernels nor in later changes', async (t) => {
    const world = await startWorld(t);
    const { environments, kernels } = await world.startGateway();
    await cloned(environments);
    assert.equal((await change(environments, { install: ['humanize==4.9.0'] })).state, 'succeeded');
    assert.equal((await install(world, environments, takeOver)).state, 'succeeded');
    const { id } = await kernels.start({ project: 'p', environment: 'mine', memory: 1024, cores: 1, gpus: 0 }, 'ann');
    const kernel = { project: 'p', kernel: id };
    await run(kernels, kernel, 'import os; os.chmod("/project", 0o777)');
    await run(kernels, kernel, 'import humanize');
    // Its files are removed from the kernel's container, and others put there.
    assert.equal((await change(environments, { install: ['humanize==4.10.0'] })).state, 'succeeded');
    assert.equal(await run(kernels, kernel, 'import importlib.metadata as m; print(m.version("humanize"))'), '4.10.0');
    await settled(environments, await environments.rollback({ ...mine, revision: 3 }, 'ann'));
    assert.equal(await run(kernels, kernel, 'import importlib.metadata as m; print(m.version("humanize"))'), '4.9.0');
    for (const name of await readdir(world.project.files)) {
      const { uid, mode } = await lstat(join(world.project.files, name));
      assert.ok(!name.endsWith('-0') && (uid !== 0 || (mode & 0o6000) === 0), `${name} ${uid} ${mode.toString(8)}`);
    }
    const setuid = await run(
      kernels,
      kernel,
      'import subprocess; print(subprocess.run(["/opt/env/bin/shell", "-c", "id -u"], capture_output=True, text=True).stdout)',
    );
    assert.equal(setuid, await run(kernels, kernel, 'import os; print(os.getuid())'));
  });

  it('of an earlier version, whose packages are root’s, can be changed, and they are the builder’s then', async (t) => {
    const world = await startWorld(t);
    const { environments, db } = await world.startGateway();
    const { image } = await environments.clone({ project: 'p', environment: 'python-inference', name: 'first' }, 'ann', never);
    const old = `bine/test-old-${newId()}`.toLowerCase();
    const container = `bine-test-${newId()}`;
    const docker = (...words: string[]) => execFileSync('docker', words, { encoding: 'utf8' });
    docker(
      'run',
      '--user',
      '0:0',
      '--name',
      container,
      '--label',
      `bine.gateway=${world.gateway}`,
      image!,
      'sh',
      '-c',
      'chown 0:0 /opt/env /opt/env/bin /opt/env/lib/python3*/site-packages && rm -rf /cache',
    );
    docker(
      'commit',
      '--change',
      'LABEL bine.builder=',
      '--change',
      `LABEL bine.image=${old.replace('bine/', '')} bine.gateway=${world.gateway}`,
      container,
      `${old}:1`,
    );
    const id = docker('image', 'inspect', '--format', '{{.Id}}', `${old}:1`).trim();
    await db.updateTable('revisions').set({ image: id }).execute();
    await environments.packages({ project: 'p', environment: 'first' }, never);
    const begun = await environments.change({ project: 'p', environment: 'first', install: ['toolz'], wheels: [], uninstall: [] }, 'ann');
    const { state, problem } = await world.events.until(
      'environment.change',
      (one) => one.id === begun.id && ['succeeded', 'failed'].includes(one.state),
    );
    assert.deepEqual([state, problem], ['succeeded', null]);
    const { image: changed } = await environments.get({ project: 'p', environment: 'first' }, never);
    const others = docker('run', '--rm', '--user', '0:0', changed!, 'find', '/opt/env', '-not', '-user', '61000');
    assert.equal(others.trim(), '');
  });
});
