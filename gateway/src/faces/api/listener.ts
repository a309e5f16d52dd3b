/** The server under all faces: who is let in, how slow a client may be, and what becomes of a request that cannot be read. */
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { randomUUID } from 'node:crypto';
import { Problem } from '@bine/shared/problems';
import type { ProblemCode } from '@bine/shared/problems';
import type { TlsSource } from '../../ports/tls.ts';
import { limitConnections } from './connection-limit.ts';
import { refuse } from './sockets.ts';

export type ListenerOptions = {
  app: RequestListener;
  onUpgrade: (request: IncomingMessage, raw: Socket, head: Buffer) => void;
  /** Null: plain HTTP. */
  tls: Pick<TlsSource, 'current' | 'onChange'> | null;
};

export type Listener = {
  http: Server;
  /** To be called for each request with a valid key of that user. @throws Problem too-many */
  admit: (request: IncomingMessage, user: string) => void;
};

const limits = {
  // No limit on the time of a whole request: a large upload takes as long as it takes, and ends when no byte comes.
  requestTimeout: 0,
  headersTimeout: 15_000,
  connectionsCheckingInterval: 2000,
  keepAliveTimeout: 65_000,
  // The check of the host refuses such requests with a body that says why.
  requireHostHeader: false,
  // Clients offer to go over to HTTP/2 (h2c), which is no reason not to answer them.
  shouldUpgradeCallback: ({ headers }: IncomingMessage) => /^\s*websocket\s*$/i.test(headers.upgrade ?? ''),
};
const handshakeTimeout = 10_000;
const mostConnections = 8192;

export function createListener({ app, onUpgrade, tls }: ListenerOptions): Listener {
  const http = tls ? createSecure(app, tls) : createServer(limits, app);
  http.maxConnections = mostConnections;
  http.on('upgrade', (request, raw, head) => onUpgrade(request, raw as Socket, head));
  http.on('clientError', refuseUnreadable);
  const admit = limitConnections(http);
  return { http, admit };
}

function createSecure(app: RequestListener, tls: Pick<TlsSource, 'current' | 'onChange'>): Server {
  const context = () => {
    const { certificate, key } = tls.current();
    return { cert: certificate, key, minVersion: 'TLSv1.2' } as const;
  };
  const server = createTlsServer({ ...limits, ...context(), handshakeTimeout }, app);
  const changed = tls.onChange(() => server.setSecureContext(context()));
  server.once('close', () => changed[Symbol.dispose]());
  return server;
}

/** In the words of every other refusal; the server would answer without a body. */
function refuseUnreadable(error: NodeJS.ErrnoException, raw: Duplex): void {
  if (!raw.writable || error.code === 'ECONNRESET') {
    raw.destroy();
    return;
  }
  const [code, detail] = reasons[error.code ?? ''] ?? ['bad-request', 'The request is no HTTP.'];
  refuse(raw, new Problem(code, detail, { cause: error }), randomUUID());
}

const reasons: Record<string, [ProblemCode, string]> = {
  HPE_HEADER_OVERFLOW: ['headers-too-large', 'The address and headers of a request may have 16 KiB together.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['too-slow', `The headers of a request must come within ${limits.headersTimeout / 1000} s.`],
};
