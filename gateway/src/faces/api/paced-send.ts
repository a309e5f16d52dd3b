import type { WebSocket } from 'ws';

/** Bytes that may wait in memory for a client that reads slowly. */
const mostWaiting = 2 ** 20;

/**
 * Sends one message, whole or in pieces, and takes as long as the client is slow: who awaits it keeps no more than a little in memory.
 * @throws when the socket is closed
 */
export function pacedSend(ws: WebSocket, data: string | readonly Uint8Array[]): Promise<void> | void {
  if (ws.readyState !== ws.OPEN) throw new Error('the socket is closed');
  const pieces = typeof data === 'string' ? [data] : data;
  const last = pieces.length - 1;
  // At once: nothing else may come between the pieces of a message.
  for (const piece of pieces.slice(0, last)) ws.send(piece, { fin: false }, ignoreClosed);
  const size = typeof data === 'string' ? data.length : pieces[last]!.length;
  if (ws.bufferedAmount + size < mostWaiting) {
    ws.send(pieces[last]!, ignoreClosed);
    return;
  }
  return new Promise((resolve, reject) => {
    ws.send(pieces[last]!, (error) => (error ? reject(error) : resolve()));
  });
}

/** The next send finds the socket closed. */
function ignoreClosed(): void {}
