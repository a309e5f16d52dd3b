/** What may be reached although it is internal: what operators list, and what packages come from and through. */
import { lookup } from 'node:dns/promises';
import { familyOf } from '../../lib/addresses.ts';
import type { Target } from '../../lib/addresses.ts';

/** As it is listed: a name is looked up each time, since its address may change. */
export type Allowance = { host: string; prefix: number | null; port: number | null };

/** @throws TypeError that says what is wrong with `given` */
export function parseAllowance(given: string): Allowance {
  const [, bracketed, plain, prefix, port] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^\s[\]/]+?))(?:\/(\d{1,3}))?(?::(\d{1,5}))?$/.exec(unbracketed(given)) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw refused(given);
  const family = familyOf(host);
  const allowance = { host, prefix: prefix === undefined ? null : Number(prefix), port: port === undefined ? null : Number(port) };
  if (allowance.port !== null && (allowance.port < 1 || allowance.port > 65_535)) throw refused(given);
  if (allowance.prefix !== null && (family === null || allowance.prefix > (family === 'ipv4' ? 32 : 128))) throw refused(given);
  if (family === null && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\.?$/i.test(host)) throw refused(given);
  // "10.1" and "2130706433" are addresses to some programs and names to others.
  if (family === null && /(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/i.test(host)) throw refused(given);
  return allowance;
}

/** An IPv6 address needs no brackets where no port follows. */
function unbracketed(given: string): string {
  const [, address, prefix = ''] = /^([0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*)(\/\d{1,3})?$/.exec(given) ?? [];
  return address === undefined ? given : `[${address}]${prefix}`;
}

const refused = (given: string): TypeError =>
  new TypeError(
    `What may be reached must be an address, a network such as 10.1.0.0/16, or a name, with a port after a colon if it is about one, not "${given}" (--allow-egress or BINE_ALLOW_EGRESS).`,
  );

const ports: Record<string, number> = { 'http:': 80, 'https:': 443, 'socks5:': 1080, 'socks5h:': 1080 };

/** The servers of addresses as uv, pip and curl are given them: alone, several between spaces, or with a name before a "=". */
export function allowancesOf(settings: readonly string[]): Allowance[] {
  return settings.flatMap((setting) =>
    setting.split(/\s+/).flatMap((one) => {
      const url = [one, one.slice(one.indexOf('=') + 1), `http://${one}`].map((text) => URL.parse(text)).find((found) => found?.hostname);
      const port = Number(url?.port) || ports[url?.protocol ?? ''];
      return url && url.hostname && port ? [{ host: url.hostname.replaceAll(/^\[|\]$/g, ''), prefix: null, port }] : [];
    }),
  );
}

/** Where a name has no address now, it is left out, which `onLeftOut` hears of. */
export async function resolveAllowances(
  allowances: readonly Allowance[],
  onLeftOut: (host: string, error: NodeJS.ErrnoException) => void = () => {},
): Promise<Target[]> {
  const leftOut = (host: string) => (error: NodeJS.ErrnoException) => {
    onLeftOut(host, error);
    return [];
  };
  const resolved = await Promise.all(
    allowances.map(async ({ host, prefix, port }) => {
      const family = familyOf(host);
      const found = family ? [{ address: host }] : await lookup(host, { all: true }).catch(leftOut(host));
      return found.map(({ address }): Target => {
        const of = familyOf(address)!;
        return { address, family: of, port, prefix: prefix ?? (of === 'ipv4' ? 32 : 128) };
      });
    }),
  );
  return resolved.flat();
}
