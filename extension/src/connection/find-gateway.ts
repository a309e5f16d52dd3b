/** Decides which gateway to speak to, and with which key. */
import { normaliseAddress } from './address.ts';
import type { Target } from './session.ts';

export type FindOptions = {
  /** The text of a file in the gateway's home on this machine, or null when it is not there. */
  readHome: (name: string) => Promise<string | null>;
  /** To be trusted from now on, as PEM. */
  trust: (certificate: string) => void;
  /** The setting `bine.gateway`: the address of a gateway, or '' for the one on this machine. */
  setting: () => string;
  /** The key that the user signed in with at this address. */
  storedKey: (address: string) => Promise<string | undefined>;
  /** Whether the gateway on this machine may be used without asking: false after a sign-out. */
  silent: () => boolean;
};

export type Finder = {
  find(this: void): Promise<Target | null>;
  /** The gateway on this machine, running or not long gone. */
  local(this: void): Promise<Target | null>;
  /** Whether there is one to sign in to, on this machine or at the address of the setting. */
  isThere(this: void): Promise<boolean>;
};

export function createFinder(options: FindOptions): Finder {
  let known: Target | null = null;

  /** A gateway that restarts takes its file away for a moment: until it is back, the one known before is meant. */
  async function local(): Promise<Target | null> {
    const [file, key] = await Promise.all([options.readHome('gateway.json'), options.readHome('admin.key')]);
    const { address, certificate } = file === null ? {} : announced(file);
    const pem = certificate && (await options.readHome(certificate));
    if (pem) options.trust(pem);
    if (address && key) known = { address, key: key.trim() };
    return known;
  }

  return {
    local,
    isThere: async () => options.setting().trim() !== '' || (await local()) !== null,
    async find() {
      const setting = options.setting().trim();
      const here = await local();
      const address = setting ? normaliseAddress(setting) : here?.address;
      if (!address) return null;
      const stored = await options.storedKey(address);
      if (stored) return { address, key: stored };
      return here?.address === address && options.silent() ? here : null;
    },
  };
}

function announced(file: string): { address?: string; certificate?: string | null } {
  try {
    const { url, certificate } = JSON.parse(file) as { url: string; certificate?: string | null };
    return { address: normaliseAddress(url), ...(certificate && { certificate }) };
  } catch {
    // Read while it was written; the next try reads it whole.
    return {};
  }
}

/** Where the gateway of this machine keeps its data, as `bine` itself decides it. */
export function defaultHome(env: Record<string, string | undefined>): string | null {
  if (env['BINE_HOME']) return env['BINE_HOME'];
  if (env['XDG_DATA_HOME']) return `${env['XDG_DATA_HOME']}/bine`;
  const home = env['HOME'] ?? env['USERPROFILE'];
  return home ? `${home}/.local/share/bine` : null;
}
