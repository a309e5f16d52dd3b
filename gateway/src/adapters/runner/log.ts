/** The log of an execution, from its files: first what is there, then what comes, until it has ended. */
import { opendir } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import type { LogLine } from '@bine/shared';
import type { Changes } from '../../lib/changes.ts';
import { delay } from '../../lib/delay.ts';
import { toTime } from '../../lib/time.ts';
import { openRegularFile } from '../supervisor/untrusted.ts';

export type FollowLog = {
  directory: string;
  /** The seq that was seen last. */
  after: number;
  /** Rings when there may be more. */
  changes: Changes;
  /** True once nothing will be written any more. */
  ended: () => boolean;
  signal: AbortSignal;
};

const Line = z.object({
  seq: z.int().min(1),
  time: z.number().min(0).max(1e11),
  stream: z.enum(['stdout', 'stderr', 'system']),
  text: z.string(),
});

const segmentName = /^log-([0-9]{16})$/;
const readBytes = 256 * 1024;
/** No line of the runner's is longer; what is, a program put there. */
const longestLine = 2 ** 20;
/** A program can fill its folder with names. */
const mostNames = 100_000;
/** The system forgets to tell of changes when there are too many at once. */
const lookAgainMilliseconds = 2000;

/** `next`: there is one after it, so that nothing more is written to it. */
type Segment = { first: number; file: FileHandle; rest: Buffer; next?: number };

export async function* followLog({ directory, after, changes, ended, signal }: FollowLog): AsyncGenerator<LogLine> {
  let segment: Segment | null = null;
  let seen = after;
  const buffer = Buffer.allocUnsafeSlow(readBytes);
  try {
    while (!signal.aborted) {
      // Both before reading: what is written after the read has rung the bell by the time we wait for it.
      const last = ended();
      const waiting = new AbortController();
      const rung = changes.next(AbortSignal.any([signal, waiting.signal]));
      segment ??= await openSegment(directory, await firstAt(directory, seen));
      const { bytesRead } = segment ? await segment.file.read(buffer, 0, readBytes, null) : { bytesRead: 0 };
      for (const line of segment ? linesIn(segment, buffer.subarray(0, bytesRead)) : []) {
        if (line.seq <= seen) continue;
        seen = line.seq;
        yield line;
      }
      const moved: boolean = bytesRead > 0 || (segment !== null && (await moveOn(directory, segment)));
      if (!moved && last) return;
      if (!moved) await Promise.race([rung, delay(lookAgainMilliseconds, waiting.signal)]);
      waiting.abort();
    }
  } finally {
    await segment?.file.close();
  }
}

/** To the next segment, once this one was read to its end while there was a next one already. */
async function moveOn(directory: string, segment: Segment): Promise<boolean> {
  if (segment.next === undefined) {
    const next = (await segmentsOf(directory)).find((number) => number > segment.first);
    if (next === undefined) return false;
    segment.next = next;
    return true;
  }
  const opened = await openSegment(directory, segment.next);
  // Dropped for want of room, or no file: the one after it.
  if (!opened) {
    segment.first = segment.next;
    delete segment.next;
    return true;
  }
  await segment.file.close();
  delete segment.next;
  Object.assign(segment, opened);
  return true;
}

function* linesIn(segment: Segment, bytes: Buffer): Generator<LogLine> {
  let rest = segment.rest.length > 0 ? Buffer.concat([segment.rest, bytes]) : bytes;
  for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
    const line = Line.safeParse(parseJson(rest.subarray(0, end).toString())).data;
    rest = rest.subarray(end + 1);
    if (line) yield { ...line, time: toTime(line.time) };
  }
  segment.rest = rest.length > longestLine ? Buffer.alloc(0) : Buffer.from(rest);
}

/** The number of the segment in which the record after `seen` is, or should be. */
async function firstAt(directory: string, seen: number): Promise<number | undefined> {
  const numbers = await segmentsOf(directory);
  return numbers.findLast((first) => first <= seen + 1) ?? numbers[0];
}

async function segmentsOf(directory: string): Promise<number[]> {
  const numbers: number[] = [];
  let names = 0;
  try {
    for await (const { name } of await opendir(directory)) {
      const first = Number(segmentName.exec(name)?.[1]);
      if (Number.isSafeInteger(first)) numbers.push(first);
      names += 1;
      if (names > mostNames) break;
    }
  } catch (error) {
    // It has not begun, or was forgotten.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return numbers.sort((one, other) => one - other);
}

async function openSegment(directory: string, first: number | undefined): Promise<Segment | null> {
  if (first === undefined) return null;
  const file = await openRegularFile(directory, `log-${String(first).padStart(16, '0')}`);
  return file && { first, file, rest: Buffer.alloc(0) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
