/** Other programs: run to their end with their output at hand, found on PATH, installed from Debian. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Problem } from '@bine/shared/problems';
import type { Report } from './steps.ts';

export type Run = {
  cwd?: string;
  env?: Record<string, string | undefined>;
  /** Another user to run as. */
  uid?: number;
  gid?: number;
  signal: AbortSignal;
  /** Called with each line of its output. */
  report?: Report;
};

/** @returns what it printed. @throws Problem with its last lines unless it exits with 0 */
export async function runProgram(program: string, words: readonly string[], { cwd, env, uid, gid, signal, report }: Run): Promise<string> {
  signal.throwIfAborted();
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], signal, cwd, env, uid, gid });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
      lines.push(line);
      if (line.trim()) report?.(line.trim());
    });
  }
  const [code] = (await once(child, 'close').catch((cause: unknown) => {
    signal.throwIfAborted();
    throw new Problem('internal', `${program} could not be started.`, { cause });
  })) as [number | null];
  if (code === 0) return lines.join('\n');
  const tail = lines.slice(-12).map((line) => `  ${line}`);
  throw new Problem('internal', [`"${[program, ...words].join(' ')}" failed (exit code ${code}):`, ...tail].join('\n'));
}

/** System programs are often not on an ordinary user's PATH. */
const systemFolders = ['/usr/sbin', '/sbin', '/usr/local/sbin'];

/** Its path, or null. */
export async function findProgram(name: string, env: Record<string, string | undefined>): Promise<string | null> {
  for (const folder of [...(env.PATH ?? '').split(delimiter), ...systemFolders]) {
    const path = join(folder, name);
    if (folder && (await isReadable(path, constants.X_OK))) return path;
  }
  return null;
}

/** Whether we may install packages ourselves: root on Debian, Ubuntu or a relative of theirs. */
export async function canInstall(env: Record<string, string | undefined>): Promise<boolean> {
  return process.getuid?.() === 0 && (await findProgram('apt-get', env)) !== null;
}

export async function installDebian(packages: readonly string[], run: Run): Promise<void> {
  const env = { ...process.env, ...run.env, DEBIAN_FRONTEND: 'noninteractive', ...(!(await hasSystemd()) && dontStartServices) };
  const install = ['install', '-qy', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...packages];
  // Where there are none, or they cannot be read, apt-get fetches them first, and says what is wrong.
  const lists = await readdir('/var/lib/apt/lists').catch(() => []);
  if (lists.some((name) => name.includes('Packages'))) {
    try {
      await runProgram('apt-get', install, { ...run, env });
      return;
    } catch (error) {
      // Lists that are too old name packages that are gone.
      if (!(error instanceof Problem)) throw error;
    }
  }
  await runProgram('apt-get', ['update', '-q'], { ...run, env });
  await runProgram('apt-get', install, { ...run, env });
}

/** Without systemd a service that a package starts is nobody's: Debian's scripts leave it alone in runlevel 1. */
const dontStartServices = { RUNLEVEL: '1' };

export function hasSystemd(): Promise<boolean> {
  return isReadable('/run/systemd/system');
}

export async function isReadable(path: string, mode: number = constants.F_OK): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    return false;
  }
}
