/** A small gateway for tests of the connection: real HTTP and WebSockets on a free port, a few procedures of the contract. */
import { type Server, createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Event, apiPrefix, contract, socketPath } from '@bine/shared';
import { Problem, problemBody, problems } from '@bine/shared/problems';
import { implement, withEventMeta } from '@orpc/server';
import { RPCHandler } from '@orpc/server/ws';
import { type WebSocket, WebSocketServer } from 'ws';

export const key = 'the-right-key';

export type TestGateway = AsyncDisposable & {
  address: string;
  port: number;
  /** How often each procedure was called. */
  calls: Record<string, number>;
  /** Sends an event to subscribers, and keeps it for those that come back. */
  publish(id: number): void;
  /** Closes all connections, as a network that breaks. */
  drop(): void;
  /** Whether it answers heartbeats. */
  alive: boolean;
  /** Whether the first call of `projects.list` is cut off in the middle. */
  dropFirst: boolean;
  /** What plain requests get; null: no answer ever, as behind a network that swallows packets. */
  answer: (path: string, body: string) => { status: number; body: string } | null;
  /** Called with each socket to a kernel, and the URL asked for. */
  onKernel: (socket: WebSocket, url: string) => void;
  /** Why no socket to a kernel opens; null: they open. */
  refuseKernels: Problem | null;
};

export async function startTestGateway(port = 0): Promise<TestGateway> {
  const open = new Set<Socket>();
  const server = createServer();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = server.address() as AddressInfo;
  const log = createLog();

  const gateway: TestGateway = {
    address: `http://127.0.0.1:${bound.port}`,
    port: bound.port,
    calls: {},
    alive: true,
    dropFirst: false,
    publish: log.publish,
    drop: () => {
      for (const socket of open) socket.destroy();
    },
    answer: () => ({ status: 200, body: '{}' }),
    onKernel: () => {},
    refuseKernels: null,
    async [Symbol.asyncDispose]() {
      gateway.drop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  serveContent(server, gateway);
  serveSockets(server, gateway, log.after);
  return gateway;
}

/** Events that can be read from any point, and waited for. */
function createLog() {
  const published: Event[] = [];
  let told = Promise.withResolvers<void>();
  return {
    publish(id: number) {
      published.push({ id, time: new Date(0).toISOString(), project: 'p', type: 'project.deleted', data: {} });
      told.resolve();
      told = Promise.withResolvers();
    },
    async *after(lastEventId: string | undefined) {
      const later = published.findIndex(({ id }) => id > Number(lastEventId));
      for (let next = later < 0 ? published.length : later; ; await told.promise) {
        for (; next < published.length; next++) yield withEventMeta(published[next]!, { id: String(published[next]!.id) });
      }
    },
  };
}

type After = ReturnType<typeof createLog>['after'];

function procedures(gateway: TestGateway, after: After) {
  const os = implement(contract).$context();
  const count = (name: string) => (gateway.calls[name] = (gateway.calls[name] ?? 0) + 1);
  const never = () => new Promise<never>(() => {});
  return {
    system: {
      health: os.system.health.handler(() => (gateway.alive ? { status: 'ok' as const, version: '0' } : never())),
    },
    projects: {
      list: os.projects.list.handler(async () => {
        if (count('list') > 1 || !gateway.dropFirst) return [];
        gateway.drop();
        return never();
      }),
      delete: os.projects.delete.handler(() => {
        count('delete');
        gateway.drop();
        return never();
      }),
    },
    events: { subscribe: os.events.subscribe.handler(async ({ lastEventId }) => after(lastEventId)) },
  };
}

function serveSockets(server: Server, gateway: TestGateway, after: After): void {
  const rpc = new RPCHandler(procedures(gateway, after));
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    const isKernel = request.url !== socketPath;
    if (request.headers.authorization !== `Bearer ${key}`)
      return refuse(socket, new Problem('bad-key', 'The API key is not valid. Sign in with another one.'));
    if (isKernel && gateway.refuseKernels) return refuse(socket, gateway.refuseKernels);
    sockets.handleUpgrade(request, socket, head, (ws) => {
      if (isKernel) gateway.onKernel(ws, request.url!);
      else void rpc.upgrade(ws);
    });
  });
}

function refuse(socket: Duplex, problem: Problem): void {
  const text = JSON.stringify(problemBody(problem));
  const { status } = problems[problem.code];
  socket.end(`HTTP/1.1 ${status} Refused\r\ncontent-type: application/problem+json\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
}

function serveContent(server: Server, gateway: TestGateway): void {
  server.on('request', (request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const answer = gateway.answer(request.url!.slice(apiPrefix.length), body);
      if (answer) response.writeHead(answer.status, { 'content-type': 'application/json', connection: 'close' }).end(answer.body);
    });
  });
}
