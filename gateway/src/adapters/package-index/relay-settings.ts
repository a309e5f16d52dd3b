/** What builds are told of indexes and proxies: without any password. What needs one goes through the gateway. */
import type { IndexSettings } from './settings.ts';

export type Relayed = { port: number; kind: 'index' | 'proxy'; url: string };

export type RelaySettings = {
  /** For uv in a container, whose loopback addresses are the relay's. */
  environment: Record<string, string>;
  relayed: Relayed[];
};

/** Ports in the network of a build's container, in which nothing else listens. */
const firstPort = 3141;
const lists = new Set(['UV_DEFAULT_INDEX', 'UV_INDEX', 'UV_EXTRA_INDEX_URL']);
const isProxy = (name: string) => /^(https?|all)_proxy$/i.test(name);

/** @throws TypeError for a proxy that cannot be relayed */
export function readRelaySettings({ environment: given }: Pick<IndexSettings, 'environment'>): RelaySettings {
  const relayed: Relayed[] = [];

  function relay(kind: Relayed['kind'], url: string): string {
    const known = relayed.find((one) => one.kind === kind && one.url === url);
    const port = known?.port ?? firstPort + relayed.length;
    if (!known) relayed.push({ port, kind, url });
    return `http://127.0.0.1:${port}`;
  }

  function index(word: string): string {
    const [, name = '', url] = /^([\w.-]+=)?(.*)$/.exec(word)!;
    return namesSomebody(url!) ? `${name}${relay('index', url!)}/index/` : word;
  }

  function proxy(name: string, url: string): string {
    if (!namesSomebody(url)) return url;
    if (/^https?:/i.test(url)) return relay('proxy', url);
    throw new TypeError(`${name} is a ${url.split(':')[0]} proxy with a password, which builds would see: name an http or https proxy.`);
  }

  const environment = Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (lists.has(name)) return [name, value.split(/\s+/).filter(Boolean).map(index).join(' ')];
      return [name, isProxy(name) ? proxy(name, value) : value];
    }),
  );
  if (relayed.length === 0) return { environment, relayed };
  const direct = [environment.NO_PROXY ?? environment.no_proxy, '127.0.0.1'].filter(Boolean).join(',');
  return { environment: { ...environment, NO_PROXY: direct, no_proxy: direct }, relayed };
}

function namesSomebody(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.username !== '' || url.password !== '');
}
