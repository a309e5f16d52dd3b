/** Composes what containers are kept from, and what not. */
import { allowancesOf, resolveAllowances } from './adapters/egress/allowed.ts';
import { createFirewall } from './adapters/egress/firewall.ts';
import type { Firewall } from './ports/egress.ts';
import type { Docker } from './adapters/docker/docker.ts';
import type { Config } from './config.ts';
import type { Log } from './lib/log.ts';

type Parts = { config: Config; docker: Pick<Docker, 'networks'>; gateway: string };

/** Packages' index and proxies may be in a private network. */
export function composeFirewall({ config, docker, gateway }: Parts, log: Log): Firewall {
  const { url, environment } = config.packageIndex;
  const servers = allowancesOf([
    url,
    ...Object.entries({ ...environment, ...config.git.proxies })
      .filter(([name]) => isAddress(name))
      .map(([, value]) => value),
  ]);
  const onLeftOut = warnOnce(log);
  return createFirewall({
    gateway,
    // Servers may be behind a proxy that alone knows their names; what the operator allows is to be reached.
    allowed: async () => [...(await resolveAllowances(config.allowEgress, onLeftOut)), ...(await resolveAllowances(servers))],
    bridges: async () => (await docker.networks.list({ 'bine.gateway': gateway })).map(({ bridge }) => bridge),
    onChange: (message) => log.warn(message),
  });
}

/** It is looked for again and again. */
function warnOnce(log: Pick<Log, 'warn'>): (host: string, error: Error) => void {
  const told = new Set<string>();
  return (host, { message }) => {
    if (told.has(host)) return;
    told.add(host);
    log.warn(`Containers cannot reach "${host}", which --allow-egress names, until it has an address (${message}). Check the name.`);
  };
}

/** Of a variable: it says where a server is, not where none is to be asked. */
const isAddress = (name: string): boolean => /(?:index|proxy|url)$/i.test(name) && !/^no_/i.test(name);
