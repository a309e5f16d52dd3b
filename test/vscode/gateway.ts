/** A real gateway in a process and a home of its own, which a test may kill and start again. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { watch } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import type { JsonifiedClient } from '@orpc/openapi-client';
import { OpenAPILink } from '@orpc/openapi-client/fetch';
import { trustCertificates } from '@bine/client/node/trust';
import { apiPrefix, contract } from '@bine/shared';
import { gatewayEnvironment, gatewayProgram } from '../../cli/src/gateway/process.ts';
import { noteGateway } from '../../cli/src/testing/test-gateways.ts';
import { until } from '../until.ts';
import { patience } from './patience.ts';
import { startGroup, type Group } from './processes.ts';

export type Api = JsonifiedClient<ContractRouterClient<typeof contract>>;

export type TestGateway = {
  home: string;
  url: string;
  /** The administrator's key. */
  key: string;
  api: Api;
  /** A client for another key. */
  as(key: string): Api;
  pid(): number;
  /** SIGKILL: nothing of it is tidied up. */
  kill(): Promise<void>;
  /** Starts it again with the same home and port, after a `kill`. */
  start(): Promise<void>;
  output: () => string;
  [Symbol.asyncDispose](): Promise<void>;
};

type Address = { url: string; pid: number; gateway: string; certificate?: string | null };

/** Waits for the file that a listening gateway writes, then until it has found its kernels again. */
async function untilReady(home: string, group: Group): Promise<Address> {
  const signal = AbortSignal.timeout(patience);
  const ended = new AbortController();
  group.child.once('close', () => ended.abort(new Error(`The gateway ended:\n${group.output()}`)));
  const either = AbortSignal.any([signal, ended.signal]);
  const watcher = watch(home);
  try {
    for (;;) {
      const changed = once(watcher, 'change', { signal: either });
      changed.catch(() => undefined);
      const address = await readAddress(home);
      if (address && address.pid === group.child.pid) {
        await until(() => isReady(address.url), 'the gateway to be ready', { signal: either });
        return address;
      }
      await changed;
    }
  } catch (error) {
    throw new Error(`The gateway did not become ready:\n${group.output()}`, { cause: error });
  } finally {
    watcher.close();
  }
}

async function readAddress(home: string): Promise<Address | null> {
  try {
    const address = JSON.parse(await readFile(join(home, 'gateway.json'), 'utf8')) as Address;
    // With BINE_TLS=self-signed in the environment, all of this runs over TLS.
    if (address.certificate) trustCertificates(await readFile(join(home, address.certificate), 'utf8'));
    return address;
  } catch {
    // Not there yet, or half written: the next change tells.
    return null;
  }
}

async function isReady(url: string): Promise<boolean> {
  const response = await fetch(`${url}${apiPrefix}/health`);
  const { status } = (await response.json()) as { status: string };
  return response.ok && status === 'ok';
}

/** `prepare` is called with the new home before anything is in it, and may defer what is to be undone before the home is removed. */
export async function startGateway(
  env: Record<string, string> = {},
  prepare: (home: string, stack: AsyncDisposableStack) => Promise<void> = async () => undefined,
): Promise<TestGateway> {
  await using stack = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), 'bine-home-'));
  stack.defer(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  await prepare(home, stack);
  const spawn = (port: string) =>
    startGroup(process.execPath, [...gatewayProgram], {
      env: { ...gatewayEnvironment, ...process.env, BINE_LOG_LEVEL: 'info', ...env, BINE_HOME: home, BINE_PORT: port },
    });

  let removeObjects = async () => {};
  stack.defer(() => removeObjects());
  let group = spawn('0');
  let earlier = '';
  // Before what it has on the engine is removed: it would launch again what it misses.
  stack.defer(() => group[Symbol.asyncDispose]());
  const { url, gateway } = await untilReady(home, group);
  removeObjects = await noteGateway(gateway);
  const key = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
  const as = (secret: string): Api =>
    createORPCClient(new OpenAPILink(contract, { url: `${url}${apiPrefix}`, headers: { authorization: `Bearer ${secret}` } }));

  const kept = stack.move();
  return {
    home,
    url,
    key,
    api: as(key),
    as,
    pid: () => group.child.pid!,
    kill: () => group.kill('SIGKILL'),
    async start() {
      earlier += group.output();
      group = spawn(new URL(url).port);
      await untilReady(home, group);
    },
    output: () => earlier + group.output(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
