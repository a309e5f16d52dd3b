/** What transfers take over from the machine: whom it trusts, and through which proxy it reaches others. */
import { existsSync } from 'node:fs';
import { bundles } from '../images/certificates.ts';

export type TransferSettings = {
  /** File with the certificates of the authorities; null: Git's own. */
  authorities: string | null;
  proxies: Record<string, string>;
};

const proxies = ['http_proxy', 'https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY', 'all_proxy', 'ALL_PROXY'];

/** @param env of the gateway */
export function readTransferSettings(env: Record<string, string | undefined>): TransferSettings {
  const named = [env.GIT_SSL_CAINFO, env.SSL_CERT_FILE, ...bundles].filter((path): path is string => Boolean(path));
  return {
    authorities: named.find((path) => existsSync(path)) ?? null,
    proxies: Object.fromEntries(proxies.flatMap((name) => (env[name] ? [[name, env[name]]] : []))),
  };
}
