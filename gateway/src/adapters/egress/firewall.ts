/**
 * Keeps containers on this gateway's own bridges from the machine itself and from the private networks around it. Rules match only these bridges, by
 * a prefix of their names; whatever else the machine filters stays as it is.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { internalIpv4, isInternal } from '../../lib/addresses.ts';
import type { Target } from '../../lib/addresses.ts';
import { createMutex } from '../../lib/mutex.ts';
import type { Firewall, FirewallState } from '../../ports/egress.ts';

export type FirewallParts = {
  gateway: string;
  allowed(): Promise<Target[]>;
  /** Bridges of this gateway's networks as they are, those of an older version too. */
  bridges(): Promise<string[]>;
  onChange(message: string): void;
  checkMilliseconds?: number;
};

const resolvers = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];
/** For others that change rules at the same moment. */
const lockSeconds = '20';
const refusal = 'REJECT --reject-with icmp-admin-prohibited';

export function createFirewall(parts: FirewallParts): Firewall {
  const { gateway, bridges, onChange, checkMilliseconds = 15_000 } = parts;
  const tag = createHash('sha256').update(gateway).digest('hex').slice(0, 6);
  const prefix = `bn${tag}`;
  const chains = { forward: `BINE-${tag}`, input: `BINE-${tag}-IN` };
  const inTurn = createMutex();
  let state: FirewallState = { enforced: false, reason: 'the rules were not set yet' };
  let known: Known | null = null;

  async function set(): Promise<FirewallState> {
    if (process.geteuid?.() !== 0) return without('only root may set rules');
    try {
      const made = await bridges();
      const elsewhere = made.find((bridge) => !existsSync(`/sys/class/net/${bridge}`));
      if (elsewhere) return without(`the container engine's networks are not on this machine: there is no ${elsewhere}`);
      const others = made.filter((bridge) => !bridge.startsWith(prefix));
      const rules = rulesOf(chains, [...(await ofResolvers()), ...(await parts.allowed()).flatMap(ruleOf)]);
      const found = await contentOf(chains);
      let changed = known?.rules !== rules || known.found !== found;
      if (changed) known = await setRules(chains, rules);
      for (const bridge of [`${prefix}+`, ...others]) changed = (await setJumps(bridge, chains)) || changed;
      if (changed && state.enforced)
        onChange('rules that keep containers from private networks were gone, or were to change, and are set again');
      return { enforced: true, reason: null };
    } catch (error) {
      return without((error as Error).message.trim());
    }
  }

  async function ensure(): Promise<FirewallState> {
    return inTurn(async () => {
      const before = state;
      state = await set();
      if (state.reason !== null && state.reason !== before.reason)
        onChange(`containers reach private networks and this machine: ${state.reason}`);
      return state;
    });
  }

  const timer = setInterval(() => void ensure(), checkMilliseconds).unref();
  return {
    bridgeOf: (network) => `${prefix}${createHash('sha256').update(network).digest('hex').slice(0, 7)}`,
    ensure,
    state: () => state,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await inTurn(async () => {
        // Containers that run on are still kept from them; an engine that does not answer may have some.
        const found = await bridges().catch(() => ['unknown']);
        if (state.enforced && found.length === 0) await removeRules(`${prefix}+`, chains);
      });
    },
  };
}

const without = (reason: string): FirewallState => ({ enforced: false, reason });

type Chains = { forward: string; input: string };

/** What was set, and how the system tells it back, which differs in words. */
type Known = { rules: string; found: string };

function rulesOf(chains: Chains, listed: readonly string[]): string {
  const both = ['-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN', ...listed.map((rule) => `${rule} -j RETURN`)];
  const forward = [...both, ...internalIpv4.map((network) => `-d ${network} -j ${refusal}`)];
  const input = [...both, `-j ${refusal}`];
  return [...forward.map((rule) => `-A ${chains.forward} ${rule}`), ...input.map((rule) => `-A ${chains.input} ${rule}`)].join('\n');
}

async function setRules(chains: Chains, rules: string): Promise<Known> {
  const text = `*filter\n:${chains.forward} - [0:0]\n:${chains.input} - [0:0]\n${rules}\nCOMMIT\n`;
  await run('iptables-restore', ['--noflush', '--wait', lockSeconds], text);
  return { rules, found: await contentOf(chains) };
}

/**
 * The engine never empties DOCKER-USER, and asks it before its own rules; where there is none, FORWARD is asked first. Our networks have no IPv6.
 * @returns whether one was missing
 */
async function setJumps(bridge: string, chains: Chains): Promise<boolean> {
  const forwarded = (await succeeds('iptables', ['-w', lockSeconds, '-S', 'DOCKER-USER'])) ? 'DOCKER-USER' : 'FORWARD';
  const jumps = [
    ['iptables', forwarded, chains.forward],
    ['iptables', 'INPUT', chains.input],
    ...(existsSync('/proc/net/if_inet6') ? ['FORWARD', 'INPUT'].map((from) => ['ip6tables', from, 'DROP'] as const) : []),
  ] as const;
  let changed = false;
  for (const [program, from, to] of jumps) {
    const rule = ['-i', bridge, '-j', to];
    if (await succeeds(program, ['-w', lockSeconds, '-C', from, ...rule])) continue;
    await run(program, ['-w', lockSeconds, '-I', from, '1', ...rule]);
    changed = true;
  }
  return changed;
}

async function removeRules(bridge: string, chains: Chains): Promise<void> {
  const attempts = [
    ['iptables', '-D', 'DOCKER-USER', '-i', bridge, '-j', chains.forward],
    ['iptables', '-D', 'FORWARD', '-i', bridge, '-j', chains.forward],
    ['iptables', '-D', 'INPUT', '-i', bridge, '-j', chains.input],
    ...Object.values(chains).flatMap((chain) => [
      ['iptables', '-F', chain],
      ['iptables', '-X', chain],
    ]),
    ['ip6tables', '-D', 'FORWARD', '-i', bridge, '-j', 'DROP'],
    ['ip6tables', '-D', 'INPUT', '-i', bridge, '-j', 'DROP'],
  ];
  // Some are there, some are not.
  for (const [program, ...words] of attempts) await succeeds(program!, ['-w', lockSeconds, ...words]);
}

async function contentOf(chains: Chains): Promise<string> {
  // A chain that is not there has no rules.
  const texts = Object.values(chains).map((chain) => run('iptables', ['-w', lockSeconds, '-S', chain]).catch(() => ''));
  return (await Promise.all(texts)).join('\n');
}

function ruleOf({ address, prefix, family, port }: Target): string[] {
  // The loopback of a container is its own.
  if (family !== 'ipv4' || address.startsWith('127.')) return [];
  const to = `-d ${address}/${prefix}`;
  return port === null ? [to] : ['tcp', 'udp'].map((protocol) => `${to} -p ${protocol} --dport ${port}`);
}

/** Names are looked up by the container itself, at the machine's own name servers. */
async function ofResolvers(): Promise<string[]> {
  // One that is not there names no server.
  const texts = await Promise.all(resolvers.map((file) => readFile(file, 'utf8').catch(() => '')));
  const found = [...texts.join('\n').matchAll(/^nameserver\s+(\d+\.\d+\.\d+\.\d+)\s*$/gm)].map(([, address]) => address!);
  // One on the machine's loopback is asked from the machine, by the engine.
  const asked = [...new Set(found)].filter((address) => !address.startsWith('127.') && isInternal(address));
  return asked.flatMap((address) => ruleOf({ address, prefix: 32, family: 'ipv4', port: 53 }));
}

function run(program: string, words: string[], input = ''): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = execFile(program, words, { timeout: 60_000 }, (error, stdout, stderr) => {
    if (!error) return resolve(stdout);
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    reject(new Error(missing ? `there is no ${program}; "apt-get install iptables" brings it` : stderr || error.message, { cause: error }));
  });
  child.stdin?.on('error', () => undefined).end(input);
  return promise;
}

const succeeds = (program: string, words: string[]): Promise<boolean> =>
  run(program, words).then(
    () => true,
    () => false,
  );
