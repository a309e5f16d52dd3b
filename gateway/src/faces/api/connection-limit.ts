/**
 * Limits on open connections. Of those that have not shown a valid key, a new one is always accepted and the oldest is closed for it; whoever
 * has a key shows it with the first request. A user's connections are limited over all of the user's keys, so that no user can take all that
 * the server accepts: beyond the limit, requests on new ones are refused.
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from '@bine/shared/problems';

const mostOfAddress = 512;
const mostOfAll = 2048;
const mostOfUser = 1024;

/** @returns to be called for each request with a valid key of that user. @throws Problem too-many from there */
export function limitConnections(http: Server): (request: IncomingMessage, user: string) => void {
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
  const admitUser = limitUsers();
  return ({ socket }, user) => {
    admitUser(socket, user);
    remove(nameOf(socket), addressOf(socket));
  };
}

function limitUsers(): (socket: Socket, user: string) => void {
  const users = new Map<string, Set<Socket>>();
  return (socket, user) => {
    const known = users.get(user) ?? new Set();
    // One that was closed while its key was looked up sends no event any more.
    if (known.has(socket) || socket.destroyed) return;
    if (known.size >= mostOfUser) {
      throw new Problem('too-many', `"${user}" has ${mostOfUser} connections open, the most that a user may have. Close some.`, {
        retryAfter: 1,
      });
    }
    users.set(user, known.add(socket));
    socket.once('close', () => {
      if (known.delete(socket) && known.size === 0) users.delete(user);
    });
  };
}

const nameOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
const addressOf = ({ remoteAddress }: Socket): string => remoteAddress ?? '';

function first(names: Iterable<string>): string | undefined {
  for (const name of names) return name;
  return undefined;
}
