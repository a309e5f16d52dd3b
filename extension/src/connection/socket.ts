/** Opens WebSockets to the gateway, with the key in a header. The only importer of `ws`: a web extension replaces this file. */
import { WebSocket } from 'ws';
import { problemOfResponse, toProblem } from './problem.ts';

export type Socket = WebSocket;

export type SocketOptions = {
  url: string;
  key: string;
  protocol: string;
  signal: AbortSignal;
  deadline?: number;
  /** Called as soon as it is open, before the first message can arrive. */
  onOpen?: (socket: Socket) => void;
};

const defaultDeadline = 10_000;

/** Resolves with an open socket; rejects with a `Problem` that carries the gateway's own words where it said any. */
export function openSocket({ url, key, protocol, signal, onOpen, deadline = defaultDeadline }: SocketOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, [protocol], {
      headers: { authorization: `Bearer ${key}` },
      handshakeTimeout: deadline,
      perMessageDeflate: false,
      maxPayload: 0,
    });
    socket.binaryType = 'arraybuffer';
    const abort = () => socket.terminate();
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    socket.once('open', () => {
      onOpen?.(socket);
      resolve(socket);
    });
    socket.once('unexpected-response', (_request, response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('close', () => {
        reject(problemOfResponse(response.statusCode ?? 500, text));
        socket.terminate();
      });
    });
    // Stays on for the socket's life: 'close' always follows an error, and is what its readers act on.
    socket.on('error', (error) => reject(toProblem(error)));
    socket.once('close', () => {
      signal.removeEventListener('abort', abort);
      reject(toProblem(new Error(`The connection to ${new URL(url).host} was closed`)));
    });
  });
}
