/**
 * Disk space that folders take, by du(1): it follows no link, counts a file with several names once and a sparse one as what it takes,
 * and gets to the bottom of a tree of any depth, in a process of its own that gives way to all others.
 */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { Problem } from '@bine/shared/problems';
import type { MeasureDisk } from '../../ports/files.ts';

/** Bytes that all of them take together; 0 for what is not there. @throws Problem `timeout`, `internal` */
export const measureDisk: MeasureDisk = async (paths, signal) => {
  const du = spawn('nice', ['-n', '19', 'du', '-s', '-c', '-B1', '--files0-from=-'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
    signal,
    killSignal: 'SIGKILL',
  });
  // It may have ended before it read all that it is to measure; its answer says so.
  du.stdin.on('error', () => undefined);
  du.stdin.end(paths.map((path) => `${path}\0`).join(''));
  const failed = new Promise<never>((_, reject) => du.once('error', reject));
  try {
    return parseTotal(await Promise.race([text(du.stdout), failed]));
  } catch (error) {
    if (signal.aborted) throw new Problem('timeout', 'The disk space could not be measured in time.', { cause: error });
    throw error;
  }
};

/** The last line. Its exit code says nothing: what is deleted meanwhile is an error to it. */
export function parseTotal(output: string): number {
  const total = /^(\d+)\ttotal$/m.exec(output.slice(output.lastIndexOf('\n', output.length - 2) + 1))?.[1];
  if (total !== undefined) return Number(total);
  throw new Problem('internal', `du did not say how much disk space is taken: ${JSON.stringify(output.slice(-200))}`);
}
