/** Runs one command in a sandbox. Killed with all that it started when its signal aborts, and when the gateway dies. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { Problem } from '@bine/shared/problems';
import { firstOwnFile, sandboxArguments } from './sandbox.ts';
import type { Sandbox } from './sandbox.ts';

export type Command = {
  sandbox: Sandbox;
  user: { uid: number; gid: number };
  program: string[];
  environment: Record<string, string>;
  input?: string;
  /** Bytes of output that are kept; what prints more is ended there. */
  most: number;
  /** Called with pieces of what it prints on stderr. */
  onError?: (text: string) => void;
  /** Descriptor 3 of the command: the one way to tell it a secret that is in no argument, variable or file. */
  talk?: (line: Duplex) => void;
  signal: AbortSignal;
};

export type Output = { code: number; stdout: Buffer; stderr: string; cut: boolean };

const mostOfStderr = 64 * 1024;
/** What a repository can make Git take: bytes of memory and seconds of processor time of each process, and processes of the project's user. */
const most = { memory: 6 * 2 ** 30, seconds: 1800, processes: 4096 };
const limits = ['/usr/bin/prlimit', '--core=0', `--as=${most.memory}`, `--cpu=${most.seconds}`, `--nproc=${most.processes}`, '--'];

export async function run(command: Command): Promise<Output> {
  command.signal.throwIfAborted();
  const { sandbox, user, program, environment: env, talk } = command;
  const files = sandbox.own?.files ?? [];
  const child = spawn('bwrap', [...sandboxArguments(sandbox, user), ...limits, ...program], {
    env,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'pipe', talk ? 'pipe' : 'ignore', ...files.map(() => 'pipe' as const)],
  });
  for (const [index, { text }] of files.entries()) (child.stdio[firstOwnFile + index] as Duplex).on('error', () => undefined).end(text);
  const kill = () => void child.kill('SIGKILL');
  command.signal.addEventListener('abort', kill, { once: true });
  try {
    const output = await ended(child, command, kill);
    command.signal.throwIfAborted();
    refuseUnusable(output);
    return output;
  } finally {
    command.signal.removeEventListener('abort', kill);
  }
}

function ended(child: ChildProcess, { input = '', most, onError, talk }: Command, kill: () => void): Promise<Output> {
  const chunks: Buffer[] = [];
  let size = 0;
  let stderr = '';
  child.stdout!.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    size += chunk.length;
    if (size > most) kill();
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    // The end says why.
    stderr = (stderr + text).slice(-mostOfStderr);
    onError?.(text);
  });
  // It may end without reading all, or any, of it.
  child.stdin!.on('error', () => undefined).end(input);
  if (talk) talk((child.stdio[3] as Duplex).on('error', () => undefined));
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT' ? unavailable('there is no bubblewrap') : error));
    child.once('close', (code) => {
      const cut = size > most;
      resolve({ code: cut ? 0 : (code ?? -1), stdout: Buffer.concat(chunks).subarray(0, most), stderr, cut });
    });
  });
}

/** As a shell says SIGXCPU. */
const killedForTime = 128 + 24;

/** It is not Git that speaks, but what was to start it. */
function refuseUnusable({ code, stderr }: Output): void {
  if (code === 0) return;
  const refusal = /^bwrap: (.*)$/m.exec(stderr)?.[1];
  if (refusal?.includes('execvp')) throw unavailable('a program is missing');
  if (refusal?.includes('chdir')) throw new Problem('not-found', 'The repository was moved or deleted meanwhile.');
  if (refusal && !stderr.includes('fatal:')) throw unavailable(`no sandbox could be made for it (${refusal})`);
  if (code === killedForTime) throw new Problem('git-failed', `Git needed more than ${most.seconds} s of processor time, and was ended.`);
  if (/Out of memory|[Cc]annot allocate memory|out of memory/.test(stderr))
    throw new Problem(
      'git-failed',
      `Git needed more than ${most.memory / 2 ** 30} GiB of memory, and was ended: the repository has a file, or a history, that is too large for it.`,
    );
  if (/Resource temporarily unavailable|[Cc]annot fork|unable to fork/.test(stderr))
    throw new Problem('git-failed', `Git started more processes than the ${most.processes} that a project may have, and was ended.`);
  if (/^(?:setpriv|prlimit): failed to execute/m.test(stderr)) throw unavailable('there is no Git');
}

const unavailable = (why: string): Problem =>
  new Problem(
    'git-unavailable',
    `Git cannot be run on the gateway's machine: ${why}. Install both with "sudo apt-get install git bubblewrap"; "bine doctor" says more.`,
  );
