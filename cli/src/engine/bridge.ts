/** A network bridge with addresses of its own, for an engine on a machine where another one has the default bridge. */
import { createHash } from 'node:crypto';
import { Problem } from '@bine/shared/problems';
import { findProgram, installDebian, isReadable, runProgram, type Run } from '../programs.ts';

/** `pool` is where its engine takes the addresses of further networks from. */
export type Bridge = { name: string; pool: string };

/** For this BINE_HOME: two neighbouring /16 out of 10.64.0.0/10, where neither homes nor Docker's own defaults are usually found. */
export function addressesOf(home: string): { bridge: string; pool: string } {
  const second = 64 + (digestOf(home)[0]! % 32) * 2;
  return { bridge: `10.${second}.0.1/24`, pool: `10.${second + 1}.0.0/16` };
}

const digestOf = (home: string): Buffer => createHash('sha256').update(home).digest();

export async function makeBridge(home: string, run: Run): Promise<Bridge> {
  const addresses = addressesOf(home);
  const bridge = { name: `bine-${digestOf(home).toString('hex').slice(0, 8)}`, pool: addresses.pool };
  if (await isReadable(`/sys/class/net/${bridge.name}`)) return bridge;
  const ip = await findIp(run);
  await runProgram(ip, ['link', 'add', 'name', bridge.name, 'type', 'bridge'], run);
  await runProgram(ip, ['addr', 'add', addresses.bridge, 'dev', bridge.name], run);
  await runProgram(ip, ['link', 'set', bridge.name, 'up'], run);
  return bridge;
}

export async function removeBridge({ name }: Bridge, run: Run): Promise<void> {
  if (await isReadable(`/sys/class/net/${name}`)) await runProgram(await findIp(run), ['link', 'delete', name], run);
}

async function findIp(run: Run): Promise<string> {
  const found = await findProgram('ip', process.env);
  if (found) return found;
  await installDebian(['iproute2'], run);
  const installed = await findProgram('ip', process.env);
  if (!installed) throw new Problem('engine-unavailable', 'The program ip is missing: run "apt-get install iproute2".');
  return installed;
}
