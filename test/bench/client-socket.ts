/** A WebSocket client without delays of its own. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';

export type ClientSocket = AsyncDisposable & {
  send(bytes: Uint8Array): void;
  listen(take: (bytes: Uint8Array) => void, fail: (error: Error) => void): void;
};

export async function openSocket(url: string, protocol: string, headers: Record<string, string> = {}): Promise<ClientSocket> {
  const ws = new WebSocket(url, [protocol], { headers, perMessageDeflate: false, maxPayload: 2 ** 30 });
  await once(ws, 'open');
  // ws has no door to it, and Nagle's algorithm costs 40 ms a request.
  (ws as unknown as { _socket: Socket })._socket.setNoDelay(true);
  return {
    send: (bytes) => ws.send(bytes),
    listen(take, fail) {
      ws.on('message', take);
      ws.on('error', fail);
      ws.on('close', (code, reason) => fail(new Error(`closed with ${code} ${reason.toString()}`)));
    },
    async [Symbol.asyncDispose]() {
      ws.close();
      await once(ws, 'close');
    },
  };
}
