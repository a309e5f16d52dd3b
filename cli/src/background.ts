/** Starts a process that outlives us, and waits, by the changes it makes in a folder, until it is of use. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { open } from 'node:fs/promises';

export type Background<T> = {
  program: string;
  words: readonly string[];
  env: Record<string, string | undefined>;
  /** Another user to run as. */
  ids?: { uid: number; gid: number } | undefined;
  /** Where what it prints goes, from the file's beginning. */
  log: string;
  /** Watched; `look` is called after each change. */
  folder: string;
  /** null: not yet. */
  look(pid: number): Promise<T | null>;
  /** Called as soon as it has an id. */
  onStart?(pid: number): Promise<void>;
  /** Milliseconds until it is given up and killed. */
  deadline: number;
  signal: AbortSignal;
};

/** @throws Error when it ended or time is up; then it is gone */
export async function startBackground<T>(background: Background<T>): Promise<T> {
  const { program, words, env, ids, log, signal, deadline, onStart } = background;
  await using file = await open(log, 'w', 0o600);
  const child = spawn(program, words, { detached: true, cwd: '/', env, ...ids, stdio: ['ignore', file.fd, file.fd] });
  const ended = once(child, 'exit');
  const either = AbortSignal.any([signal, AbortSignal.timeout(deadline)]);
  try {
    const ready = untilFound(background, child.pid ?? 0, { ended, signal: either });
    await Promise.all([onStart?.(child.pid ?? 0), ready]);
    return await ready;
  } catch (error) {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGTERM')) await ended;
    throw error;
  } finally {
    child.unref();
  }
}

async function untilFound<T>(
  { folder, look }: Background<T>,
  pid: number,
  { ended, signal }: { ended: Promise<unknown>; signal: AbortSignal },
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const check = async () => {
    const found = await look(pid);
    if (found !== null) resolve(found);
  };
  const watcher = watch(folder, () => void check().catch(reject));
  const stop = () => reject(signal.reason as Error);
  signal.addEventListener('abort', stop);
  ended.then(
    () => reject(new Error('it ended')),
    (error: unknown) => reject(error as Error),
  );
  try {
    await check();
    return await promise;
  } finally {
    watcher.close();
    signal.removeEventListener('abort', stop);
  }
}
