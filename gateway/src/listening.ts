/** On which address the gateway listens, with which certificate, and under which name it is reached. */
import { hostname, networkInterfaces } from 'node:os';
import type { AddressInfo } from 'node:net';
import { Problem } from '@bine/shared/problems';
import { openCertificateFiles } from './adapters/tls/certificate-files.ts';
import { ensureSelfSigned } from './adapters/tls/self-signed.ts';
import type { Config } from './config.ts';
import type { TlsSource } from './ports/tls.ts';

const loopback = /^(localhost|127(\.\d{1,3}){3}|::1)$/;
const everywhere = new Set(['0.0.0.0', '::']);

/** Keys would travel for everybody on the way to read. @throws Problem invalid */
export function refuseInsecure({ host, tls, insecure }: Pick<Config, 'host' | 'tls' | 'insecure'>): void {
  if (tls || insecure || loopback.test(host)) return;
  throw new Problem(
    'invalid',
    `Without TLS the gateway listens on this machine only, not on ${host}. Give it a certificate (--tls-cert and --tls-key, or --tls self-signed), or say --insecure where something in front of it encrypts.`,
  );
}

/** Null: plain HTTP. @throws Problem invalid */
export async function openTls(
  config: Config,
  { folder, onError }: { folder: string; onError: (error: unknown) => void },
): Promise<TlsSource | null> {
  if (config.tls === null) return null;
  const files = config.tls === 'self-signed' ? await ensureSelfSigned(folder, ownNames(config)) : config.tls;
  return openCertificateFiles({ ...files, onError });
}

function ownNames({ host, trustedHosts }: Config): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address));
  const named = trustedHosts.map((name) => name.replace(/:\d+$/, '').toLowerCase());
  const own = ['localhost', '127.0.0.1', '::1', hostname().toLowerCase(), ...named];
  const listening = everywhere.has(host) ? addresses.filter((address) => !address.startsWith('fe80:')) : [host];
  return [...new Set([...own, ...listening])];
}

/** As a client on this machine reaches it: by its address, unless the certificate is for a name only. */
export function urlOf({ address, family, port }: AddressInfo, tls: TlsSource | null): string {
  const own = everywhere.has(address) ? '127.0.0.1' : address;
  const names = tls?.names() ?? [];
  const name = names.includes(own) ? own : names.find((one) => !one.includes('*'));
  const host = tls ? (name ?? own) : own;
  const bracketed = family === 'IPv6' && host.includes(':') ? `[${host}]` : host;
  return `${tls ? 'https' : 'http'}://${bracketed}:${port}`;
}
