/**
 * Connections that have not shown a valid key. However many there are, another one is let in: the oldest goes for it. Whoever has a key shows it
 * with the first request.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

const mostOfAddress = 512;
const mostOfAll = 2048;

/** @returns to be called when a request showed a valid key */
export function limitStrangers(http: Server): (request: IncomingMessage) => void {
  const strangers = new Map<string, Socket>();
  const addresses = new Map<string, Set<string>>();

  const remove = (name: string, address: string) => {
    strangers.delete(name);
    const ofAddress = addresses.get(address);
    if (ofAddress?.delete(name) && ofAddress.size === 0) addresses.delete(address);
  };
  const evict = (name: string | undefined) => {
    const socket = name === undefined ? undefined : strangers.get(name);
    if (!socket) return;
    remove(name!, addressOf(socket));
    socket.destroy();
  };

  // Of TLS, too, this is the connection under it: those that never come to the end of a handshake count.
  http.on('connection', (socket: Socket) => {
    const [name, address] = [nameOf(socket), addressOf(socket)];
    strangers.set(name, socket);
    addresses.set(address, (addresses.get(address) ?? new Set()).add(name));
    socket.once('close', () => remove(name, address));
    if (addresses.get(address)!.size > mostOfAddress) evict(first(addresses.get(address)!));
    if (strangers.size > mostOfAll) evict(first(strangers.keys()));
  });
  return ({ socket }) => remove(nameOf(socket), addressOf(socket));
}

const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
const addressOf = ({ remoteAddress }: Socket): string => remoteAddress ?? '';

function first(names: Iterable<string>): string | undefined {
  for (const name of names) return name;
  return undefined;
}
