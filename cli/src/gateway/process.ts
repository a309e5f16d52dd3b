/** The gateway as a process in the background: started, found again, stopped. */
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Problem } from '@bine/shared/problems';
import { startBackground } from '../background.ts';
import { portProblem } from '../ports.ts';
import { endProcess, isRunning, type Mark } from '../processes.ts';
import { readGatewayFile, type GatewayFile } from './file.ts';

/**
 * What Node is given to run. Bytes that only pass through are garbage at once: a small young generation keeps it from piling up, and
 * 200 MB of output from taking more memory than it has to.
 */
export const gatewayProgram: readonly string[] = [
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=8',
  resolve(import.meta.dirname, '../../../gateway/src/main.ts'),
];
/**
 * What the C library is told: each of its arenas, which are as many as threads, keeps what was freed in it. With one, large messages that
 * come and go take 40 MB less.
 */
export const gatewayEnvironment = { MALLOC_ARENA_MAX: '1' };

const isGateway: Mark = (words) => words.some((word) => word.endsWith('/gateway/src/main.ts'));

const startDeadline = 60_000;
const stopPatience = 30_000;
const keptLogs = 3;

export const logOf = (home: string) => join(home, 'gateway.log');
/** What the program says outside of its log, as Node does when it cannot go on. */
const outputOf = (home: string) => join(home, 'gateway.output.log');

/** The one that is running on this BINE_HOME, or null. */
export async function findGateway(home: string): Promise<GatewayFile | null> {
  const file = await readGatewayFile(home);
  return file && (await isRunning(file.pid, isGateway)) ? file : null;
}

/** As the gateway is told. */
export type TlsWishes = { tls?: string; tlsCert?: string; tlsKey?: string; insecure?: boolean };

export type Start = {
  home: string;
  env: Record<string, string | undefined>;
  /** Where the container engine answers. */
  socket: string | null;
  port?: number | undefined;
  host?: string | undefined;
  tls?: TlsWishes | undefined;
  signal: AbortSignal;
};

/** Starts one and waits until it listens. @throws Problem with the end of its log */
export async function startGateway({ home, env, socket, port, host, tls = {}, signal }: Start): Promise<GatewayFile> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const log = logOf(home);
  await rotate(log);
  const words = [
    ...gatewayProgram,
    `--home=${home}`,
    `--log-file=${log}`,
    `--port=${port ?? (await choosePort(env, host))}`,
    ...(host ? [`--host=${host}`] : []),
    ...(tls.tls ? [`--tls=${tls.tls}`] : []),
    ...(tls.tlsCert ? [`--tls-cert=${resolve(tls.tlsCert)}`] : []),
    ...(tls.tlsKey ? [`--tls-key=${resolve(tls.tlsKey)}`] : []),
    ...(tls.insecure ? ['--insecure'] : []),
    ...(socket ? [`--docker=unix://${socket}`] : []),
  ];
  // `gateway.json` appears when it listens.
  const look = async (pid: number) => {
    const file = await readGatewayFile(home);
    return file?.pid === pid ? file : null;
  };
  try {
    return await startBackground({
      program: process.execPath,
      words,
      env: { ...gatewayEnvironment, ...env },
      log: outputOf(home),
      folder: home,
      look,
      deadline: startDeadline,
      signal,
    });
  } catch (cause) {
    signal.throwIfAborted();
    throw new Problem('internal', `The gateway did not start; ${await endOf(home)}`, { cause });
  }
}

/** @returns whether one was running */
export async function stopGateway(home: string): Promise<boolean> {
  const file = await findGateway(home);
  if (!file) return false;
  await endProcess(file.pid, isGateway, stopPatience);
  return true;
}

/** The usual port, or any free one when somebody else has it and nobody asked for it. */
async function choosePort(env: Start['env'], host = '127.0.0.1'): Promise<number> {
  if (env.BINE_PORT) return Number(env.BINE_PORT);
  const usual = 7878;
  // Should it be another fault than a taken port, the gateway meets it with a free one, too, and says it.
  return (await portProblem(usual, host)) ? 0 : usual;
}

/** gateway.log becomes gateway.1.log and so on; the oldest goes. */
async function rotate(log: string): Promise<void> {
  const name = (age: number) => (age === 0 ? log : log.replace(/\.log$/, `.${age}.log`));
  await rm(name(keptLogs), { force: true });
  for (let age = keptLogs - 1; age >= 0; age--) {
    await rename(name(age), name(age + 1)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}

async function endOf(home: string): Promise<string> {
  const log = logOf(home);
  // What cannot be read has no end to show; where the log should be is said.
  const texts = await Promise.all([log, outputOf(home)].map((file) => readFile(file, 'utf8').catch(() => '')));
  const lines = texts.join('').trim().split('\n').slice(-8);
  return [`its log is ${log} and ends with:`, ...lines.map((line) => `  ${describeLine(line)}`)].join('\n');
}

const uninteresting = new Set(['level', 'time', 'msg']);

type Entry = { level?: string; time: string; msg?: string; [field: string]: unknown };

/** A line of the structured log as a person reads it; anything else as it is. */
export function describeLine(line: string): string {
  let entry: Entry | null;
  try {
    entry = JSON.parse(line) as Entry | null;
  } catch {
    return line;
  }
  if (!entry?.level) return line;
  const fields = Object.entries(entry)
    .filter(([name]) => !uninteresting.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return [entry.time.slice(11, 23), entry.level.padEnd(5), entry.msg ?? '', ...fields].join(' ');
}
