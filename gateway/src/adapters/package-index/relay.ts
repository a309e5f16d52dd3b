/**
 * The way of builds to indexes and proxies that want a password: sockets in a folder that is mounted into their containers. Code of packages
 * runs in builds, so that the password stays here.
 */
import { once } from 'node:events';
import { chmod, mkdir, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { createIndexRelay } from './index-relay.ts';
import { createProxyRelay } from './proxy-relay.ts';
import { readRelaySettings } from './relay-settings.ts';
import type { IndexSettings } from './settings.ts';
import type { PackageRelay } from '../../ports/packages.ts';

const target = '/bine-relay';

/** @param folder of its own */
export async function openRelay(settings: Pick<IndexSettings, 'environment'>, folder: string): Promise<PackageRelay> {
  const { environment, relayed } = readRelaySettings(settings);
  if (relayed.length === 0) return { environment, mounts: [], [Symbol.asyncDispose]: async () => undefined };
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // The user of builds is not this one; who may enter the home is another matter.
  await chmod(folder, 0o755);
  const servers: Server[] = [];
  for (const { port, kind, url } of relayed) {
    const server = kind === 'proxy' ? createProxyRelay(url) : createIndexRelay({ url, proxies: settings.environment });
    const socket = join(folder, `${port}.sock`);
    await once(server.listen(socket), 'listening');
    await chmod(socket, 0o666);
    servers.push(server);
  }
  return {
    environment: { ...environment, BINE_RELAY: relayed.map(({ port }) => port).join(' ') },
    mounts: [{ source: folder, target, readOnly: true }],
    async [Symbol.asyncDispose]() {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}
