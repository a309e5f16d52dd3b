/** Addresses that are this machine's, a private network's, or nobody's: what programs and repositories of users may not reach. */
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** A network or an address, and the port if it is about one alone. */
export type Target = { address: string; prefix: number; family: 'ipv4' | 'ipv6'; port: number | null };

/** Of the IANA's special-purpose registries, all that does not belong to a server on the internet; examples' networks cannot be reached anyhow. */
export const internalIpv4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '224.0.0.0/4',
  '240.0.0.0/4',
] as const;

/** With the forms in which an IPv4 address can be wrapped up: compatible, translated, 6to4, Teredo. Mapped ones are read as IPv4. */
const internalIpv6 = [
  '::/96',
  '::ffff:0:0:0/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
] as const;

const internal = new BlockList();
for (const network of [...internalIpv4, ...internalIpv6]) {
  const [address, prefix] = network.split('/') as [string, string];
  internal.addSubnet(address, Number(prefix), familyOf(address)!);
}

export function familyOf(address: string): 'ipv4' | 'ipv6' | null {
  return ({ 4: 'ipv4', 6: 'ipv6' } as const)[isIP(address) as 4 | 6] ?? null;
}

/** true for what is no address, too. */
export function isInternal(address: string): boolean {
  const family = familyOf(address);
  // A zone, as in fe80::1%eth0, is only ever of this machine.
  if (family === null || address.includes('%')) return true;
  return internal.check(address, family) || isOwn(address, family);
}

/** Of this machine, be it a public one. */
function isOwn(address: string, family: 'ipv4' | 'ipv6'): boolean {
  const own = new BlockList();
  for (const one of Object.values(networkInterfaces()).flat())
    if (one) own.addAddress(one.address, one.family === 'IPv4' ? 'ipv4' : 'ipv6');
  return own.check(address, family);
}

/** Whether one of the targets is about the address, at that port. */
export function isListed(targets: readonly Target[], address: string, port: number): boolean {
  const family = familyOf(address);
  return family !== null && targets.some((target) => (target.port === null || target.port === port) && covers(target, address, family));
}

function covers(target: Target, address: string, family: 'ipv4' | 'ipv6'): boolean {
  const list = new BlockList();
  list.addSubnet(target.address, target.prefix, target.family);
  return list.check(address, family);
}
