/** A gateway that is up, with the engine it needs: the one that is there, or one that is started now. */
import { createClient, findAddress, type Client } from '../client.ts';
import { ensureDebootstrap, ensureEngine } from '../engine/engine.ts';
import { ensureGit } from '../git.ts';
import type { Context } from '../verb.ts';
import type { GatewayFile } from './file.ts';
import { findGateway, startGateway, type TlsWishes } from './process.ts';

export type Wishes = { port?: number | undefined; host?: string | undefined; tls?: TlsWishes };

/** @returns the gateway, and whether it had been running */
export async function ensureGateway(context: Context, wishes: Wishes = {}): Promise<{ gateway: GatewayFile; before: boolean }> {
  const { host, home, command, signal, step } = context;
  const { env } = host;
  const run = { env, signal };
  const { engine } = await step(
    'Container engine',
    (report) => ensureEngine({ env, home, command }, { ...run, report }),
    ({ engine, own }) => `${engine.name} ${engine.version}${own ? ', started by Bine' : ''}`,
  );
  await ensureDebootstrap(env, run);
  await ensureGit(env, run);
  const running = await findGateway(home);
  if (running) return { gateway: running, before: true };
  const start = async () => {
    const gateway = await startGateway({ home, env, socket: engine.socket, signal, ...wishes });
    // It listens before it knows which kernels run; the first call is answered when it does.
    await (await clientOf(context)).api.system.status({});
    return gateway;
  };
  return { gateway: await step('Gateway', start, ({ url }) => url), before: false };
}

/** Its client; not BINE_URL's, which may be another machine. */
export async function clientOf({ host, home, command, signal }: Context): Promise<Client> {
  const { BINE_URL: _, BINE_KEY: __, ...env } = host.env;
  return createClient(await findAddress({ env, home, command }), command, signal);
}
