import type { WebSocket } from 'ws';

/** Bytes that may wait in memory for a client that reads slowly. */
const mostWaiting = 2 ** 20;

/**
 * Sends, and takes as long as the client is slow: who awaits it keeps no more than a little in memory.
 * @throws when the socket is closed
 */
export function pacedSend(ws: WebSocket, data: string | Uint8Array): Promise<void> | void {
  if (ws.readyState !== ws.OPEN) throw new Error('the socket is closed');
  if (ws.bufferedAmount < mostWaiting) {
    ws.send(data, ignoreClosed);
    return;
  }
  return new Promise((resolve, reject) => {
    ws.send(data, (error) => (error ? reject(error) : resolve()));
  });
}

/** The next send finds the socket closed. */
function ignoreClosed(): void {}
