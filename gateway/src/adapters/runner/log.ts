/** The log of an execution, from its files: first what is there, then what comes, until it has ended. */
import { opendir } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import type { LogLine } from '@bine/shared';
import { delay } from '../../lib/delay.ts';
import { toTime } from '../../lib/time.ts';
import { openRegularFile } from '../supervisor/untrusted.ts';
import type { FollowLog } from '../../ports/job-agent.ts';

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
/** A program can fill its folder with names: so many are looked at, and so many segments read. The runner makes a few hundred. */
const mostNames = 2000;
/** The runner writes no zeros. After a block of them, as a hole reads, only so much at the end of its segment is read. */
const bytesAfterHole = 2 ** 20;
const zeros = Buffer.alloc(readBytes);
/** The system forgets to tell of changes when there are too many at once. */
const lookAgainMilliseconds = 2000;

type Segment = { first: number; file: FileHandle; position: number; rest: Buffer };

/** What one reader knows of the folder. `ahead`: segments after the one that is read, so that nothing more is written to that one. */
type Reader = {
  directory: string;
  buffer: Buffer;
  segment: Segment | null;
  ahead: number[];
  /** When the folder was found too full, in milliseconds of `performance.now()`. */
  overfull: number | null;
  /** Sentences that the log has to say. */
  notes: Set<string>;
};

export async function* followLog({ directory, after, changes, ended, signal }: FollowLog): AsyncGenerator<LogLine> {
  const buffer = Buffer.allocUnsafeSlow(readBytes);
  const reader: Reader = { directory, buffer, segment: null, ahead: [], overfull: null, notes: new Set() };
  const told = new Set<string>();
  let seen = after;
  try {
    while (!signal.aborted) {
      // Both before reading: what is written after the read has rung the bell by the time we wait for it.
      const last = ended();
      const waiting = new AbortController();
      const rung = changes.next(AbortSignal.any([signal, waiting.signal]));
      if (!reader.segment) await begin(reader, seen);
      const bytes = reader.segment ? await readNext(reader, reader.segment) : null;
      for (const line of reader.segment && bytes ? linesIn(reader.segment, bytes) : []) {
        if (line.seq <= seen) continue;
        seen = line.seq;
        yield line;
      }
      const moved: boolean = bytes !== null || (reader.segment !== null && (await moveOn(reader)));
      for (const note of reader.notes) {
        if (told.has(note)) continue;
        told.add(note);
        yield { seq: seen, time: toTime(Date.now() / 1000), stream: 'system', text: `${note}\n` };
      }
      if (!moved && last) return;
      if (!moved) await Promise.race([rung, delay(lookAgainMilliseconds, waiting.signal)]);
      waiting.abort();
    }
  } finally {
    await reader.segment?.file.close();
  }
}

/** With the segment in which the record after `seen` is, or should be. */
async function begin(reader: Reader, seen: number): Promise<void> {
  const numbers = await segmentsOf(reader);
  const start = numbers.findLastIndex((first) => first <= seen + 1);
  reader.ahead = numbers.slice(Math.max(start, 0));
  await openNext(reader);
}

/** @returns what is there; null at the end */
async function readNext({ buffer, notes }: Reader, segment: Segment): Promise<Buffer | null> {
  const { bytesRead } = await segment.file.read(buffer, 0, readBytes, segment.position);
  if (bytesRead === 0) return null;
  segment.position += bytesRead;
  const bytes = buffer.subarray(0, bytesRead);
  if (bytesRead < readBytes || !bytes.equals(zeros)) return bytes;
  const { size } = await segment.file.stat();
  segment.position = Math.max(segment.position, size - bytesAfterHole);
  segment.rest = Buffer.alloc(0);
  notes.add('Lines may be missing: the program has overwritten parts of this log.');
  return buffer.subarray(0, 0);
}

/** To the next segment, once this one was read to its end. */
async function moveOn(reader: Reader): Promise<boolean> {
  const { segment } = reader;
  if (reader.ahead.length > 0) return openNext(reader);
  reader.ahead = (await segmentsOf(reader)).filter((number) => number > segment!.first);
  // What was written to this one before there was a next one is read first.
  return reader.ahead.length > 0;
}

/** Those that were dropped for want of room, and what is no file, are passed over. */
async function openNext(reader: Reader): Promise<boolean> {
  for (let first = reader.ahead.shift(); first !== undefined; first = reader.ahead.shift()) {
    const file = await openRegularFile(reader.directory, `log-${String(first).padStart(16, '0')}`);
    if (!file) continue;
    await reader.segment?.file.close();
    reader.segment = { first, file, position: 0, rest: Buffer.alloc(0) };
    return true;
  }
  return false;
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

/** Sorted. Of a folder that is too full, some of them, and not again for a while. */
async function segmentsOf(reader: Reader): Promise<number[]> {
  if (reader.overfull !== null && performance.now() - reader.overfull < lookAgainMilliseconds) return [];
  const numbers: number[] = [];
  let names = 0;
  try {
    for await (const { name } of await opendir(reader.directory, { bufferSize: 256 })) {
      const first = Number(segmentName.exec(name)?.[1]);
      if (Number.isSafeInteger(first)) numbers.push(first);
      names += 1;
      if (names < mostNames) continue;
      reader.overfull = performance.now();
      reader.notes.add(`Lines may be missing: the program made ${mostNames} files or more in the folder of this log.`);
      break;
    }
  } catch (error) {
    // It has not begun, or was forgotten.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return numbers.sort((one, other) => one - other);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
