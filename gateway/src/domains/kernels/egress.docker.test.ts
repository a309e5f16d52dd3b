/** What a program in a container reaches, tried out on the real engine. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { noteGateway } from '../../../../cli/src/testing/test-gateways.ts';
import { createFirewall } from '../../adapters/egress/firewall.ts';
import type { Target } from '../../lib/addresses.ts';
import { newId } from '../../lib/id.ts';
import { run, startWorld } from './containers.fixture.ts';
import { createProjectNetworks } from '../../adapters/docker/networks.ts';

const never = new AbortController().signal;
const isRoot = process.geteuid?.() === 0;
const skip = isRoot ? false : 'only root may set rules';

/** Prints for each address whether it was connected to, or why not. */
const program = `
import socket, sys
for target in sys.argv[1:]:
    host, port = target.rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), timeout=20).close()
        print(target, "reached")
    except OSError as error:
        print(target, type(error).__name__, error.errno)
`;

/** A server on all of this machine's addresses. */
async function listen(t: TestContext): Promise<number> {
  const server = createServer((socket) => socket.end()).listen(0, '0.0.0.0');
  await once(server, 'listening');
  t.after(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const own = (): string[] =>
  Object.values(networkInterfaces()).flatMap((all = []) =>
    all.filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address),
  );

async function startNetworks(t: TestContext, allowed: Target[] = []) {
  const world = await startWorld(t);
  const { docker } = world;
  const gateway = newId();
  const removeObjects = await noteGateway(gateway);
  const bridges = async () => (await docker.networks.list({ 'bine.gateway': gateway })).map(({ bridge }) => bridge);
  const firewall = createFirewall({ gateway, bridges, allowed: async () => allowed, onChange: () => undefined });
  const networks = createProjectNetworks({ docker, firewall, gateway, onError: (error) => assert.fail(error as Error) });
  t.after(async () => {
    await networks[Symbol.asyncDispose]();
    await removeObjects();
    await firewall[Symbol.asyncDispose]();
  });
  const [image] = await docker.images.list({ 'bine.image': 'python-inference' });
  assert.ok(image, 'no environment was built on this engine');

  /** What a confined container of the network says of these targets. */
  async function tryOut(network: string, targets: string[]): Promise<Record<string, string>> {
    const name = `bine-test-${newId()}`;
    const command = ['python3', '-c', program, ...targets];
    const id = await docker.create({
      name,
      image: image!.id,
      command,
      labels: { 'bine.gateway': world.gateway },
      user: '2000099:2000099',
      network,
    });
    try {
      await docker.start(id);
      const lines: string[] = [];
      for await (const line of docker.output(id, { follow: true, signal: never })) lines.push(line);
      return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
    } finally {
      await docker.remove(id);
    }
  }
  return { ...world, gateway, firewall, networks, tryOut };
}

const unreachable = 'OSError 113';

describe('a container', { skip }, () => {
  it('reaches servers on the internet by name, and no address of this machine or of a private network', async (t) => {
    const { networks, firewall, docker, gateway, tryOut } = await startNetworks(t);
    const port = await listen(t);
    for (const use of ['jobs', 'builds'] as const) {
      const network = await networks.shared(use);
      const [{ bridge } = assert.fail()] = (await docker.networks.list({ 'bine.gateway': gateway })).filter(({ name }) => name === network);
      const [, host] = /inet ([\d.]+)/.exec(execFileSync('ip', ['-4', '-o', 'addr', 'show', bridge]).toString()) ?? [];
      assert.ok(host, 'the network has no bridge on this machine');
      const internal = [
        ...[host, ...own()].map((address) => `${address}:${port}`),
        '10.0.0.1:80',
        '172.31.0.1:80',
        '192.168.1.1:80',
        '100.100.100.200:80',
        '169.254.169.254:80',
      ];
      const found = await tryOut(network, ['pypi.org:443', ...internal]);
      assert.deepEqual(found, { 'pypi.org:443': 'reached', ...Object.fromEntries(internal.map((target) => [target, unreachable])) });
    }
    assert.deepEqual(firewall.state(), { enforced: true, reason: null });
  });

  it('reaches what is listed, at its port only', async (t) => {
    const [port, other] = [await listen(t), await listen(t)];
    const [address] = own();
    const { networks, tryOut } = await startNetworks(t, [{ address: address!, prefix: 32, family: 'ipv4', port }]);
    const found = await tryOut(await networks.shared('jobs'), [`${address}:${port}`, `${address}:${other}`]);
    assert.deepEqual(found, { [`${address}:${port}`]: 'reached', [`${address}:${other}`]: unreachable });
  });

  it('is kept from them again after somebody has emptied the filter', async (t) => {
    const { networks, firewall, gateway, tryOut } = await startNetworks(t);
    const port = await listen(t);
    const network = await networks.shared('jobs');
    const target = `${own()[0]}:${port}`;
    const chains = execFileSync('iptables', ['-w', '20', '-S']).toString();
    const bridge = firewall.bridgeOf(gateway).slice(0, -7);
    const jumps = chains.split('\n').filter((rule) => rule.startsWith('-A') && rule.includes(`-i ${bridge}+`));
    assert.equal(jumps.length, 2);
    for (const jump of jumps) execFileSync('iptables', ['-w', '20', ...jump.replace(/^-A/, '-D').split(' ')]);
    assert.deepEqual(await tryOut(network, [target]), { [target]: 'reached' });
    await firewall.ensure();
    assert.deepEqual(await tryOut(network, [target]), { [target]: unreachable });
    for (const jump of jumps) execFileSync('iptables', ['-w', '20', '-F', jump.split(' ').at(-1)!]);
    await firewall.ensure();
    assert.deepEqual(await tryOut(network, [target]), { [target]: unreachable });
  });
});

describe('a kernel', { skip }, () => {
  it('does not reach its gateway’s machine, and leaves no rule behind when all is over', async (t) => {
    const world = await startWorld(t);
    const port = await listen(t);
    const { kernels, stop } = await world.startGateway();
    const { id } = await kernels.start({ project: 'p', environment: 'python-inference', memory: 512, cores: 1, gpus: 0 }, 'ann');
    const targets = own().map((address) => `"${address}:${port}"`);
    const said = await run(kernels, { project: 'p', kernel: id }, `import sys\nsys.argv = ["", ${targets.join(', ')}]\n${program}`);
    assert.equal(said, targets.map((target) => `${target.slice(1, -1)} ${unreachable}`).join('\n'));
    await kernels.shutdown({ project: 'p', kernel: id }, 'ann');
    await stop();
    for (const { name } of await world.docker.networks.list({ 'bine.gateway': world.gateway })) await world.docker.networks.remove(name);
    await world.firewall[Symbol.asyncDispose]();
    const tag = world.firewall.bridgeOf('').slice(2, 8);
    assert.ok(!execFileSync('iptables', ['-w', '20', '-S']).toString().includes(tag), 'a rule was left');
  });
});
