/** Processes that are not our children any more: known by their id, checked before anything is done to them. */
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

/** Its words, or null if there is no such process. A zombie has none. */
export async function commandOf(pid: number): Promise<string[] | null> {
  try {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    return text === '' ? null : text.split('\0').slice(0, -1);
  } catch {
    // It has ended, or is another user's on a machine that hides those.
    return null;
  }
}

/** An id is used again by other programs, after a reboot above all: a process is ours only if its words say so. */
export type Mark = (words: readonly string[]) => boolean;

export async function isRunning(pid: number, mark: Mark): Promise<boolean> {
  const words = await commandOf(pid);
  return words !== null && mark(words);
}

/**
 * Asks the process to end, and makes it end after `patience` milliseconds. Another program's process cannot be waited for
 * by an event, so this looks again and again.
 * @returns whether it ended by itself
 */
export async function endProcess(pid: number, mark: Mark, patience: number): Promise<boolean> {
  const deadline = Date.now() + patience;
  let forced = false;
  send(pid, 'SIGTERM');
  while (await isRunning(pid, mark)) {
    if (!forced && Date.now() > deadline) {
      send(pid, 'SIGKILL');
      forced = true;
    }
    await wait(30);
  }
  return !forced;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
