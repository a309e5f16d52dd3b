/** What a kernel left in its folder, read when there is no supervisor any more to tell it. */
import { readdir } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { Execution } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { createPause } from '../../lib/pause.ts';
import { parseJournalLine } from './parse.ts';
import { largeRecord } from './byte-budget.ts';
import type { ConnectOptions } from './connection.ts';
import { createRecordParser, ownRecord } from './records.ts';
import type { AttachOptions, LogRecord } from '../../ports/kernel-agent.ts';
import { openRegularFile } from './untrusted.ts';

const segmentName = /^log-([0-9]{16})$/;
const readBytes = 256 * 1024;
const maxJournalBytes = 64 * 2 ** 20;
const shortestJournalLine = 100;
const longestJournalLine = 2 ** 20;
/** Twice what a supervisor keeps when it writes its journal anew, and the size at which it does. */
const mostExecutions = 20_000;
const mostExecutionBytes = 8 * 2 ** 20;
const newline = 10;

type Segment = { name: string; first: number };

/**
 * The records after `since`, as {@link Supervisor.attach} gives them, to the end; without `since` none but the first, `attached`.
 * What is damaged or missing in between shows as a `gap`.
 */
export async function* readLog({ since, ...folder }: AttachOptions & ConnectOptions): AsyncGenerator<LogRecord> {
  const segments = await listSegments(folder.directory);
  const end = await lastOf(folder, segments);
  yield ownRecord('attached', { head: end.head, oldest: segments[0]?.first ?? end.head + 1, epoch: end.epoch, state: 'stopped' });
  if (since === undefined) return;
  const start = Math.max(
    0,
    segments.findLastIndex((segment) => segment.first <= since + 1),
  );
  let seen = since;
  for (const [i, segment] of segments.slice(start).entries()) {
    const next = segments[start + i + 1];
    const bytesLeft = yield* readSegment(folder, segment, { after: () => seen, saw: (seq) => (seen = seq) });
    if (next && bytesLeft > 0 && next.first > seen + 1) {
      yield ownRecord('gap', { from: seen + 1, to: next.first - 1, bytes: bytesLeft, reason: 'the log is damaged' }, next.first - 1);
      seen = next.first - 1;
    }
  }
}

/**
 * Oldest first; the last line of an id wins. What was running or queued when the supervisor went is `unknown` or `aborted`. Of a journal
 * that a program filled, the latest are read.
 */
export async function readExecutions({ directory }: { directory: string }): Promise<Execution[]> {
  await using journal = await openRegularFile(directory, 'journal');
  if (!journal) return [];
  const { size } = await journal.stat();
  if (size > maxJournalBytes) throw new Problem('too-large', `The kernel's journal has ${size} bytes, which a supervisor would not write.`);
  const latest: Latest = new Map();
  const pause = createPause();
  let bytes = 0;
  for await (const line of linesOf(journal)) {
    const execution = parseJournalLine(line);
    if (execution) {
      bytes += line.length - (latest.get(execution.id)?.bytes ?? 0);
      latest.set(execution.id, { execution, bytes: line.length });
    }
    // Seldom, since the beginning of a map from which much was taken is slow to find.
    if (latest.size > 2 * mostExecutions || bytes > 2 * mostExecutionBytes) bytes = dropOldest(latest, bytes);
    await pause();
  }
  dropOldest(latest, bytes);
  return [...latest.values()].map(({ execution }) => execution).sort((one, other) => one.first - other.first);
}

type Latest = Map<string, { execution: Execution; bytes: number }>;

/** @returns the bytes that are left */
function dropOldest(latest: Latest, bytes: number): number {
  let left = bytes;
  for (const [id, oldest] of latest) {
    if (latest.size <= mostExecutions && left <= mostExecutionBytes) break;
    latest.delete(id);
    left -= oldest.bytes;
  }
  return left;
}

/** Without those that are too short or too long to be an execution's. */
async function* linesOf(file: FileHandle): AsyncGenerator<Uint8Array> {
  let rest = Buffer.alloc(0);
  let skips = false;
  for (let position = 0; ;) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(readBytes), 0, readBytes, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
      if (!skips && end - start >= shortestJournalLine) yield bytes.subarray(start, end);
      skips = false;
      start = end + 1;
    }
    skips ||= bytes.length - start > longestJournalLine;
    rest = skips ? Buffer.alloc(0) : bytes.subarray(start);
  }
  yield rest;
}

async function listSegments(directory: string): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const name of await readdir(directory)) {
    const first = Number(segmentName.exec(name)?.[1]);
    if (Number.isSafeInteger(first)) segments.push({ name, first });
  }
  return segments.sort((one, other) => one.first - other.first);
}

/** The last record's number and the number of kernel processes up to it. */
async function lastOf(folder: ConnectOptions, segments: Segment[]): Promise<{ head: number; epoch: number }> {
  for (const segment of segments.toReversed()) {
    let head = 0;
    let epoch = 0;
    for await (const record of recordsOf(folder, segment)) {
      head = record.seq;
      epoch = record.epoch;
    }
    if (head > 0) return { head, epoch };
  }
  return { head: 0, epoch: 0 };
}

type Reading = { after: () => number; saw: (seq: number) => void };

/** Returns how many bytes of it were not read because they are damaged. */
async function* readSegment(folder: ConnectOptions, segment: Segment, { after, saw }: Reading): AsyncGenerator<LogRecord, number> {
  const records = recordsOf(folder, segment);
  while (true) {
    const step = await records.next();
    if (step.done) return step.value;
    const { seq, time, frames } = step.value;
    if (seq <= after()) continue;
    saw(seq);
    yield { seq, time, frames };
  }
}

/** Up to the first record that is not whole; returns how many bytes are left then. */
async function* recordsOf(
  { directory, largeRecords, signal }: ConnectOptions,
  segment: Segment,
): AsyncGenerator<LogRecord & { epoch: number }, number> {
  await using file = await openRegularFile(directory, segment.name);
  if (!file) return 0;
  const parser = createRecordParser();
  const buffer = Buffer.allocUnsafeSlow(readBytes);
  const { size } = await file.stat();
  let release: (() => void) | null = null;
  try {
    for (let count = await readSome(file, buffer, signal); count > 0; count = await readSome(file, buffer, signal)) {
      const before = parser.consumed();
      yield* parser.push(buffer.subarray(0, count));
      if (parser.damage()) break;
      if (parser.consumed() > before) {
        release?.();
        release = null;
      }
      if (parser.partial() >= largeRecord) release ??= await largeRecords.take(directory, parser.partial(), signal);
    }
  } finally {
    release?.();
  }
  return Math.max(0, size - parser.consumed());
}

async function readSome(file: FileHandle, buffer: Buffer, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  const { bytesRead } = await file.read(buffer, 0, buffer.length);
  return bytesRead;
}
