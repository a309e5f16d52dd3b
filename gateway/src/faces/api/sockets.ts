/** WebSockets from the upgrade to the close: who may open one, whether it is still alive, and when it must go. */
import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Problem } from '@bine/shared/problems';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { Audit } from '../../domains/audit/audit.ts';
import { recordCall } from './audited.ts';
import type { RequestContext } from './base.ts';
import { requestIdOf } from './context.ts';
import { asProblem, problemResponse } from './errors.ts';
import type { Failures } from './errors.ts';
import type { Grant, Grants } from './grants.ts';
import { createIncomingBudget, defaultLimits } from './incoming-budget.ts';
import type { Metrics } from './metrics.ts';

export type SocketRequest = { context: RequestContext; params: Record<string, string>; query: URLSearchParams };

/** What a route does with its socket; `raw` is the connection under it. */
export type SocketUse = (ws: WebSocket, raw: Socket) => void;

/** `largestMessage`: for a client that may send less than others. `drop` is called instead of `use` if the handshake fails. */
export type Accepted = { use: SocketUse; drop?: () => void; largestMessage?: number };

export type SocketRoute = {
  /** As the audit log calls it. */
  name: string;
  /** The subprotocol, which also names it in metrics. */
  protocol: string;
  /** In bytes; whoever sends more is disconnected. */
  largestMessage: number;
  path: RegExp;
  /** Before the upgrade, so that a refusal is an HTTP answer. @throws Problem */
  accept(request: SocketRequest): Promise<Accepted>;
};

type SocketsOptions = Failures & {
  routes: SocketRoute[];
  /** What every request goes through, by HTTP or not. @throws Problem foreign-host, starting */
  enter: (request: IncomingMessage) => Promise<RequestContext>;
  grants: Grants;
  audit: Pick<Audit, 'record'>;
  metrics: Metrics;
};

/** Codes that say why a socket was closed. A client tries again after `restart`, not after `refused`. */
export const closeCodes = { done: 1000, nonsense: 1007, refused: 1008, failed: 1011, restart: 1012 } as const;

const beat = 30_000;
const farewell = 1000;
/** For a client to read why it is disconnected; one that does not answer is disconnected all the same. Milliseconds. */
const refusalMs = 200;

/** `taken`: how many bytes the connection had taken at the last beat. */
type Open = { ws: WebSocket; raw: Socket; alive: boolean; taken: number };

export function createSockets({ routes, enter, grants, audit, log, noSpace, metrics }: SocketsOptions) {
  const open = new Set<Open>();
  const servers = createServers();
  const incoming = createIncomingBudget(defaultLimits, (ws) => ws.terminate());
  const timer = setInterval(() => checkAll(open), beat).unref();

  const register = ({ ws, raw, grant, protocol }: Pick<Open, 'ws' | 'raw'> & { grant: Grant; protocol: string }) => {
    const entry = { ws, raw, alive: true, taken: 0 };
    endWith(grant.signal, ws);
    const closed = metrics.openSocket(protocol);
    open.add(entry);
    ws.on('pong', () => (entry.alive = true));
    // Of a message that is too large, say. The client is told by the close that follows, and does not get to send the rest.
    ws.on('error', (error) => {
      log.debug({ err: error }, 'socket error');
      raw.pause();
      setTimeout(() => ws.terminate(), refusalMs).unref();
    });
    ws.on('close', () => {
      closed();
      grant[Symbol.dispose]();
      open.delete(entry);
    });
  };

  const upgrade = async (request: IncomingMessage, raw: Socket, head: Buffer) => {
    const context = await enter(request);
    const url = new URL(request.url ?? '/', 'http://gateway');
    const [route, params] = findRoute(routes, url.pathname);
    const grant = await grants.open(context.caller, 'key').catch(refused(context, { route, params }));
    try {
      const { keyId } = grant.principal;
      incoming.admit(keyId);
      const accepted = await route.accept({ context, params, query: url.searchParams }).catch(refused(context, { route, params }));
      const { use, drop, largestMessage = route.largestMessage } = accepted;
      let isOpen = false;
      // It calls back before it returns, or refuses the handshake.
      servers(route.protocol, largestMessage).handleUpgrade(request, raw, head, (ws) => {
        isOpen = true;
        register({ ws, raw, grant, protocol: route.protocol });
        incoming.watch(ws, raw, keyId);
        use(ws, raw);
      });
      if (isOpen) return;
      drop?.();
      grant[Symbol.dispose]();
    } catch (error) {
      grant[Symbol.dispose]();
      throw error;
    }
  };

  const refused =
    (context: RequestContext, { route, params }: { route: SocketRoute; params: Record<string, string> }) =>
    (error: unknown): never => {
      if (error instanceof Problem) recordCall(audit, { context, procedure: route.name, input: params, outcome: error.code });
      throw error;
    };

  return {
    /** @param requestId for what goes wrong before there is a context */
    handleUpgrade(request: IncomingMessage, raw: Socket, { head, requestId }: { head: Buffer; requestId: string }): void {
      raw.on('error', (error) => log.debug({ err: error }, 'connection lost'));
      upgrade(request, raw, head).catch((error: unknown) => refuse(raw, asProblem(error, { requestId, log, noSpace }), requestId));
    },

    /** Says that it is worth coming back, and waits a moment for that to be heard. */
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      for (const { ws } of open) ws.close(closeCodes.restart, 'The gateway is stopping.');
      const left = [...open].map(({ ws }) => new Promise((resolve) => ws.once('close', resolve)));
      const giveUp = setTimeout(() => open.forEach(({ ws }) => ws.terminate()), farewell);
      await Promise.all(left);
      clearTimeout(giveUp);
    },
  };
}

/** Disconnects when `signal` aborts, whether or not the client takes part in that. */
export function endWith(signal: AbortSignal, ws: WebSocket): void {
  const end = () => {
    ws.close(closeCodes.refused, (signal.reason as Error).message.slice(0, 120));
    setTimeout(() => ws.terminate(), refusalMs).unref();
  };
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
}

/** One for each protocol and size. */
function createServers(): (protocol: string, largestMessage: number) => WebSocketServer {
  const servers = new Map<string, WebSocketServer>();
  return (protocol, largestMessage) => {
    const name = `${protocol} ${largestMessage}`;
    const server = servers.get(name) ?? createServer(protocol, largestMessage);
    servers.set(name, server);
    return server;
  };
}

function createServer(protocol: string, largestMessage: number): WebSocketServer {
  const server = new WebSocketServer({
    noServer: true,
    // It costs memory for each socket and milliseconds for each message, and most clients are on the same machine.
    perMessageDeflate: false,
    maxPayload: largestMessage,
    handleProtocols: (offered) => (offered.has(protocol) ? protocol : false),
  });
  // As problem+json, like every other refusal; the library would answer in plain text.
  server.on('wsClientError', (error, raw, request) => {
    const code = request.method === 'GET' ? 'bad-request' : 'bad-method';
    const problem = new Problem(code, `The WebSocket handshake is not valid: ${error.message}.`, { cause: error, allow: ['GET'] });
    refuse(raw, problem, requestIdOf(request));
  });
  return server;
}

function findRoute(routes: SocketRoute[], path: string): [SocketRoute, Record<string, string>] {
  for (const route of routes) {
    const match = route.path.exec(path);
    if (match) return [route, Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, value]) => [name, decode(value)]))];
  }
  throw new Problem('not-found', `There is no WebSocket at ${path}.`);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (cause) {
    throw new Problem('bad-request', `"${part}" in the address is not a correct encoding.`, { cause });
  }
}

function checkAll(open: Set<Open>): void {
  for (const entry of open) {
    const { ws, raw } = entry;
    const taken = raw.bytesWritten - raw.writableLength;
    // The answer of a client that is slow, but takes what it is sent, waits behind all that.
    const isAlive = entry.alive || taken > entry.taken;
    if (!isAlive) ws.terminate();
    entry.alive = false;
    entry.taken = taken;
    ws.ping();
  }
}

/** Without a server's response, as before an upgrade. */
export function refuse(raw: Duplex, problem: Problem, requestId: string): void {
  const { status, headers, text } = problemResponse(problem, requestId);
  const all = { ...headers, 'content-length': String(Buffer.byteLength(text)), connection: 'close', 'x-request-id': requestId };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  // A client that never closes its side would keep the connection, and the server could not stop.
  raw.resume().end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${text}`, () => {
    setTimeout(() => raw.destroy(), refusalMs).unref();
  });
}
