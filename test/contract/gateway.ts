/** A real gateway in a home of its own on a free port, without a container engine unless it is given one. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { WebSocket } from 'ws';
import { apiPrefix, socketPath, socketProtocol } from '@bine/shared';
import type { Contract, Scope } from '@bine/shared';
import { createGateway } from '@bine/gateway';
import { readConfig } from '@bine/gateway/config';
import { readGatewayFile } from '../../cli/src/gateway/file.ts';
import { noteGateway } from '../../cli/src/testing/test-gateways.ts';
import { createLog } from '../../gateway/src/lib/log.ts';

export type Client = ContractRouterClient<Contract>;

export type Answer = { status: number; headers: Headers; body: unknown };

export type TestGateway = {
  url: string;
  home: string;
  /** The administrator's. */
  key: string;
  ready: Promise<void>;
  fetch(path: string, init?: RequestInit & { key?: string }): Promise<Response>;
  /** A client over the socket, and how its calls look over it. */
  connect(key: string): Promise<Client>;
  /** A new user with a key, which lacks `without`. */
  user(name: string): Promise<string>;
  keyWithout(scope: Scope, of: string): Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
};

type Options = { docker?: string; ready?: boolean; trustedHosts?: string[]; env?: Record<string, string> };

export async function startGateway(options: Options = {}): Promise<TestGateway> {
  await using made = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), 'bine-contract-'));
  made.defer(() => rm(home, { recursive: true, force: true }));
  const docker = options.docker ?? join(home, 'no-engine.sock');
  const config = readConfig(['--home', home, '--port', '0', '--docker', `unix://${docker}`], options.env ?? {});
  let removeObjects = async () => {};
  // When it has ended.
  made.defer(() => removeObjects());
  const gateway = made.use(await createGateway({ ...config, trustedHosts: options.trustedHosts ?? [] }, createLog('silent')));
  if (options.ready !== false) await gateway.ready;
  const { gateway: id } = (await readGatewayFile(home))!;
  // An engine that a test plays has nothing to remove.
  if (options.docker && options.ready !== false) removeObjects = await noteGateway(id, `unix://${docker}`);
  const key = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
  const sockets = made.adopt(new Set<WebSocket>(), (open) => open.forEach((socket) => socket.terminate()));

  const fetchWith: TestGateway['fetch'] = (path, { key: secret, ...init } = {}) => {
    const headers = new Headers(init.headers);
    if (secret) headers.set('authorization', `Bearer ${secret}`);
    return fetch(`${gateway.url}${path}`, { ...init, headers });
  };
  const connect = async (secret: string): Promise<Client> => {
    const socket = openSocket(gateway.url, socketPath, { protocol: socketProtocol, key: secret });
    sockets.add(socket);
    await opened(socket);
    return createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }));
  };
  const admin = await (options.ready === false ? null : connect(key));

  const owned = made.move();
  return {
    url: gateway.url,
    home,
    key,
    ready: gateway.ready,
    fetch: fetchWith,
    connect,
    async user(name) {
      await admin!.access.createUser({ name });
      return (await admin!.access.createKey({ name: 'test', user: name })).secret;
    },
    async keyWithout(scope, of) {
      const { scopes } = (await (await fetchWith(`${apiPrefix}/me`, { key: of })).json()).key as { scopes: Scope[] };
      const answer = await fetchWith(`${apiPrefix}/keys`, {
        key: of,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: `without ${scope}`, scopes: scopes.filter((one) => one !== scope) }),
      });
      return ((await answer.json()) as { secret: string }).secret;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type SocketOptions = { protocol?: string | string[]; key?: string; headers?: Record<string, string> };

export function openSocket(url: string, path: string, { protocol = [], key, headers = {} }: SocketOptions = {}): WebSocket {
  const authorization = key ? { authorization: `Bearer ${key}` } : {};
  return new WebSocket(`${url.replace('http', 'ws')}${path}`, protocol, { headers: { ...headers, ...authorization } });
}

/** Resolves when it is open. @throws Refused if the upgrade was refused */
export function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => reject(new Refused(response.statusCode ?? 0, JSON.parse(Buffer.concat(chunks).toString()))));
    });
  });
}

/** An upgrade that was answered with a problem. */
export class Refused extends Error {
  readonly status: number;
  readonly data: { code: string; detail: string };

  constructor(status: number, data: { code: string; detail: string }) {
    super(`${status} ${data.code}: ${data.detail}`);
    this.status = status;
    this.data = data;
  }
}
