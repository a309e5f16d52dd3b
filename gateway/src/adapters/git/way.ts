/**
 * The one way that a transfer has to its server: a proxy on this machine's loopback, for the length of the transfer, that connects to no other server and
 * to none but the addresses that were looked up and checked once. So no second answer of a name server, and no redirect, leads anywhere else.
 */
import { once } from 'node:events';
import { lookup } from 'node:dns/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Problem } from '@bine/shared/problems';
import { isInternal, isListed } from '../../lib/addresses.ts';
import type { Target } from '../../lib/addresses.ts';

export type Way = {
  /** Where Git finds the proxy. */
  proxy: string;
  /** Other servers that Git was sent on to. */
  elsewhere: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
};

type Server = { host: string; port: number };

/** @throws Problem `git-failed` for a server at an internal address that is not listed */
export async function checkServer({ host, port }: Server, allowed: readonly Target[]): Promise<string[]> {
  const found = await lookup(host, { all: true }).catch((cause: unknown) => {
    throw new Problem(
      'git-failed',
      `There is no server ${host}, or this machine cannot look its name up. Check the address and the network.`,
      { cause },
    );
  });
  const addresses = found.map(({ address }) => address);
  // One of them is enough: which one is taken is not for the name's owner to choose.
  const internal = addresses.find((address) => isInternal(address) && !isListed(allowed, address, port));
  if (internal === undefined) return addresses;
  throw new Problem(
    'git-failed',
    `${host} is ${internal}, an address of the gateway's machine or of a private network, which Git may not reach. Whoever runs the gateway can allow it with --allow-egress ${host}:${port}.`,
  );
}

/** Without brackets, and without the dot that makes a name absolute. */
const plain = (host: string): string => host.toLowerCase().replaceAll(/^\[|\]$|\.$/g, '');

export function serverOf(url: string): Server {
  const { hostname, port } = new URL(url);
  return { host: plain(hostname), port: Number(port || 443) };
}

export async function openWay(server: Server, allowed: readonly Target[]): Promise<Way> {
  const addresses = await checkServer(server, allowed);
  const elsewhere: string[] = [];
  const open = new Set<Duplex>();
  const listener = createServer((_request, response) => void response.writeHead(403).end());
  listener.on('connect', (request, client) => {
    open.add(client);
    client.on('error', () => undefined).once('close', () => open.delete(client));
    const [, host = '', port = ''] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(request.url ?? '') ?? [];
    if (plain(host) !== server.host || Number(port) !== server.port) {
      elsewhere.push(`${host}:${port}`);
      client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      return;
    }
    void reach(addresses, server.port).then((socket) => join(client, socket));
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    proxy: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    elsewhere,
    async [Symbol.asyncDispose]() {
      for (const client of open) client.destroy();
      listener.closeAllConnections();
      listener.close();
    },
  };
}

function join(client: Duplex, socket: Socket | null): void {
  if (!socket || client.destroyed) {
    socket?.destroy();
    client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    return;
  }
  client.write('HTTP/1.1 200 Connection established\r\n\r\n');
  client.pipe(socket);
  socket.pipe(client);
  client.once('close', () => socket.destroy());
  // Git says that the connection broke.
  socket.on('error', () => client.destroy());
}

const connectMilliseconds = 30_000;

/** The first that answers; null: none does. */
async function reach(addresses: readonly string[], port: number): Promise<Socket | null> {
  for (const host of addresses) {
    const socket = connect({ host, port });
    const late = setTimeout(() => socket.destroy(new Error('too late')), connectMilliseconds);
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    clearTimeout(late);
    if (connected) return socket;
  }
  return null;
}
