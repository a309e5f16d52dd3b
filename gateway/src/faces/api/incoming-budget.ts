/**
 * How much of messages that are not whole clients may leave with us: together, and by one key. Half a message is kept in memory until its
 * rest comes, which may be never.
 */
import type { Socket } from 'node:net';
import { Problem } from '@bine/shared/problems';
import type { WebSocket } from 'ws';

export type IncomingLimits = { socketsOfKey: number; bytes: number; bytesOfKey: number };

type Watched = { ws: WebSocket; keyId: string; partial: number };

export type IncomingBudget = {
  /** @throws Problem `conflict` when the key has as many sockets as it may */
  admit(keyId: string): void;
  watch(ws: WebSocket, raw: Socket, keyId: string): void;
};

export const defaultLimits: IncomingLimits = { socketsOfKey: 256, bytes: 40 * 2 ** 20, bytesOfKey: 33 * 2 ** 20 };

/** What came without a whole message is none of ours yet. */
export function createIncomingBudget(limits: IncomingLimits, cut: (ws: WebSocket) => void): IncomingBudget {
  const open = new Set<Watched>();
  let total = 0;
  const ofKey = (keyId: string) => [...open].filter((one) => one.keyId === keyId);

  function count(entry: Watched, bytes: number): void {
    entry.partial += bytes;
    total += bytes;
    // Small ones are not worth a look at all the others.
    if (entry.partial < 2 ** 16) return;
    const mine = ofKey(entry.keyId).reduce((sum, one) => sum + one.partial, 0);
    if (total > limits.bytes || mine > limits.bytesOfKey) cut(largest(mine > limits.bytesOfKey ? ofKey(entry.keyId) : [...open]).ws);
  }

  return {
    admit(keyId) {
      if (ofKey(keyId).length < limits.socketsOfKey) return;
      throw new Problem(
        'conflict',
        `This API key has ${limits.socketsOfKey} open sockets, as many as it may. Close some, or use another key.`,
      );
    },
    watch(ws, raw, keyId) {
      const entry = { ws, keyId, partial: 0 };
      open.add(entry);
      raw.on('data', (chunk: Buffer) => count(entry, chunk.length));
      ws.on('message', () => count(entry, -entry.partial));
      ws.on('close', () => {
        count(entry, -entry.partial);
        open.delete(entry);
      });
    },
  };
}

function largest(entries: readonly Watched[]): Watched {
  return entries.reduce((most, one) => (one.partial > most.partial ? one : most));
}
