/** Child processes of the tests: each is the leader of its own group, so that ending it ends whatever it started. */
import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';

const alive = new Set<ChildProcess>();

/** Groups left when the tests end early (a thrown error, Ctrl+C) end with them. */
process.on('exit', () => {
  for (const child of alive) signalGroup(child, 'SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

export type Group = {
  child: ChildProcess;
  /** What it printed on either stream so far. */
  output: () => string;
  /** Waits until its output matches. @throws if it exits first. */
  line: (pattern: RegExp, signal: AbortSignal) => Promise<RegExpMatchArray>;
  /** Resolves when it has ended, so send only signals that end it. */
  kill: (signal: NodeJS.Signals) => Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export function startGroup(command: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv }): Group {
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  alive.add(child);
  let text = '';
  let over = false;
  const news = new EventEmitter();
  const exited = new Promise<void>((resolve) => {
    child.once('close', (code, signal) => {
      over = true;
      text += `\n${command} ended with ${signal ?? `code ${code}`}.\n`;
      alive.delete(child);
      news.emit('news');
      resolve();
    });
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      news.emit('news');
    });
  }

  async function line(pattern: RegExp, signal: AbortSignal): Promise<RegExpMatchArray> {
    for (;;) {
      const match = text.match(pattern);
      if (match) return match;
      if (over) throw new Error(`${command} ended before it printed ${pattern}:\n${text}`);
      try {
        await once(news, 'news', { signal });
      } catch (error) {
        throw new Error(`${command} did not print ${pattern}:\n${text}`, { cause: error });
      }
    }
  }

  async function kill(signal: NodeJS.Signals): Promise<void> {
    signalGroup(child, signal);
    await exited;
  }

  return {
    child,
    output: () => text,
    line,
    kill,
    async [Symbol.asyncDispose]() {
      signalGroup(child, 'SIGTERM');
      const force = setTimeout(() => signalGroup(child, 'SIGKILL'), 5_000);
      await exited;
      clearTimeout(force);
      // The leader is gone; what it started and did not end goes now.
      signalGroup(child, 'SIGKILL');
    },
  };
}
