import assert from 'node:assert/strict';
import { chown, mkdtemp } from 'node:fs/promises';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { conformsToCompute } from '../../domains/compute/conformance.fixture.ts';
import { startWorld } from '../../domains/kernels/containers.fixture.ts';
import { certificates } from '../images/certificates.ts';
import { createDockerCompute } from './compute.ts';
import { createDocker } from './docker.ts';
import { createProjectNetworks } from './networks.ts';

const python = (...lines: string[]) => ['python3', '-c', lines.join('\n')];

/** A socket of the engine that can be taken away. */
async function openWay(engine: string, socket: string) {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const there = createConnection(engine);
    for (const [one, other] of [
      [client, there],
      [there, client],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  const comeBack = async () => void (await once(server.listen(socket), 'listening'));
  await comeBack();
  return {
    socket,
    comeBack,
    async goAway(): Promise<void> {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const one of open) one.destroy();
      await closed;
    },
  };
}

conformsToCompute('Docker', async (t) => {
  const ends: (() => Promise<void>)[] = [];
  // Before the world looks for what is left: a network in use cannot be removed.
  t.after(async () => {
    for (const end of ends.toReversed()) await end();
  });
  const { docker: usual, gateway, firewall, accounts, project, home } = await startWorld(t);
  const way = await openWay(usual.socket, join(home, 'engine.sock'));
  ends.push(way.goAway);
  const docker = createDocker({ host: `unix://${way.socket}` });
  const [image] = await docker.images.list({ 'bine.image': 'python-inference' });
  assert.ok(image, 'no environment was built on this engine');
  const folder = await mkdtemp(join(home, 'grant-'));
  if (process.getuid?.() === 0) await chown(folder, project.owner.uid, project.owner.gid);
  const start = () => {
    const networks = createProjectNetworks({ docker, firewall, gateway, onError: (error) => assert.fail(error as Error) });
    ends.push(() => networks[Symbol.asyncDispose]());
    return createDockerCompute({ docker, gateway, networks, accountNames: accounts.names, certificates: certificates() });
  };
  return {
    compute: start(),
    another: start(),
    absence: way,
    image: image.id,
    owner: project.owner,
    folder,
    programs: {
      exit: (code) => python(`raise SystemExit(${code})`),
      sleep: python('import signal, sys, time', 'signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))', 'time.sleep(600)'),
      print: (lines) => python(...lines.map((line) => `print(${JSON.stringify(line)})`)),
      allocate: (memory) => python(`bytearray(b"1") * (${memory} * 2**20)`),
      write: (path, text) => python(`open(${JSON.stringify(path)}, "a").write(${JSON.stringify(text)})`),
    },
  };
});
