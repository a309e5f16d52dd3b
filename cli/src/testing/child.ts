/** Runs one program of a stage in a process group of its own, with everything it prints in the stage's log. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Report } from '../steps.ts';

export type Child = {
  words: readonly string[];
  cwd: string;
  env: Record<string, string | undefined>;
  log: FileHandle;
  report: Report;
  signal: AbortSignal;
};

export type Ended = { code: number | null; output: string };

export async function runChild({ words, cwd, env, log, report, signal }: Child): Promise<Ended> {
  signal.throwIfAborted();
  await log.write(`$ ${words.join(' ')}\n`);
  const [program, ...rest] = words as [string, ...string[]];
  const child = spawn(program, rest, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const end = () => signalGroup(child.pid, 'SIGKILL');
  signal.addEventListener('abort', end);
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input, crlfDelay: Infinity }).on('line', (line) => {
      lines.push(line);
      if (line.trim()) report(line.trim());
    });
  }
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output: lines.join('\n') };
  } catch (error) {
    return { code: null, output: [...lines, (error as Error).message].join('\n') };
  } finally {
    signal.removeEventListener('abort', end);
    await log.write(`${lines.join('\n')}\n\n`);
  }
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
