/**
 * Refuses requests that a page of another site made a browser send: a name that was rebound to our address (Host), or a
 * page from elsewhere (Origin). Keys would stop most of it; this stops all of it before a key is looked at.
 */
import type { IncomingMessage } from 'node:http';
import { Problem } from '@bine/shared/problems';

/** @param trusted names under which the gateway may be reached besides its own address: `name` at any port, or `name:port` */
export function createHostCheck(trusted: readonly string[]): (request: IncomingMessage) => void {
  const named = new Set(trusted.map((name) => name.toLowerCase()));

  return (request) => {
    const own = ownAddresses(request);
    const isOurs = (host: string) => own.has(host) || named.has(host) || named.has(host.replace(/:\d+$/, ''));
    const { host = '', origin } = request.headers;
    if (!isOurs(host.toLowerCase())) {
      throw new Problem(
        'foreign-host',
        `The gateway does not answer to the name ${JSON.stringify(host)}. If it should, start it with --trusted-host.`,
      );
    }
    if (origin !== undefined && !isOurs(hostOf(origin))) {
      throw new Problem('foreign-host', `A page from ${JSON.stringify(origin)} may not use the gateway.`);
    }
  };
}

/** An address cannot be rebound as a name can: the one that this connection came to is always ours. */
function ownAddresses(request: IncomingMessage): Set<string> {
  const { localAddress = '', localPort } = request.socket;
  const address = localAddress.replace(/^::ffff:/, '');
  const hosts = ['localhost', '127.0.0.1', '[::1]', address.includes(':') ? `[${address}]` : address];
  const withPort = hosts.map((host) => `${host}:${localPort}`);
  return new Set(localPort === 80 ? [...withPort, ...hosts] : withPort);
}

function hostOf(origin: string): string {
  const url = URL.parse(origin);
  return url && /^https?:$/.test(url.protocol) ? url.host : '';
}
