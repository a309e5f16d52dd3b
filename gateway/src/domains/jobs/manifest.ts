/**
 * Reads a manifest of up to 64 MiB and 200,000 entries without keeping others waiting: the entries are cut out of the text and parsed one
 * by one, with pauses; what is left of the text is small.
 */
import { SnapshotEntry, SnapshotManifest, mostSnapshotEntries } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { z } from 'zod';
import { createPause } from '../../lib/pause.ts';

/** Bytes. A path has up to 4096 characters, each of which JSON may write in six. */
const longestEntry = 64 * 1024;
/** Bytes outside of entries: commas, line breaks and indentation. */
const mostBetween = 4 * 2 ** 20;
/** Entries are objects in an array in an object. */
const depthOfEntries = 2;
/** Stands for an entry in what is left. */
const placeholder = 0;

const Rest = SnapshotManifest.omit({ entries: true });

const Listing = z.looseObject({ entries: z.unknown() });

/** @throws Problem `invalid` */
export async function parseManifest(bytes: Uint8Array): Promise<SnapshotEntry[]> {
  const entries: SnapshotEntry[] = [];
  const between: string[] = [];
  const pause = createPause();
  let read = 0;
  let left = 0;
  for (const { start, end } of entriesIn(bytes)) {
    left += start - read;
    if (left > mostBetween || end - start > longestEntry) throw notManifest('an entry of it is too long');
    between.push(textOf(bytes, read, start), String(placeholder));
    entries.push(parse(() => SnapshotEntry.parse(JSON.parse(textOf(bytes, start, end)))));
    read = end;
    await pause();
  }
  if (left + bytes.length - read > mostBetween) throw notManifest('an entry of it is too long');
  between.push(textOf(bytes, read, bytes.length));
  checkRest(between.join(''), entries.length);
  return entries;
}

function checkRest(text: string, count: number): void {
  const { entries, ...rest } = parse(() => Listing.parse(JSON.parse(text)));
  parse(() => Rest.parse(rest));
  const whole = Array.isArray(entries) && entries.length === count && entries.every((entry) => entry === placeholder);
  if (!whole) throw notManifest('its entries are no list of objects');
  if (count > mostSnapshotEntries) throw notManifest(`it has ${count} entries, of which there may be ${mostSnapshotEntries}`);
}

const quote = 0x22;
const backslash = 0x5c;
const opening = new Set(Buffer.from('{['));
const closing = new Set(Buffer.from('}]'));
const brace = 0x7b;

/** Where the objects are that stand in an array in an object. Whether all of it is JSON is for the parser to say. */
function* entriesIn(bytes: Uint8Array): Generator<{ start: number; end: number }> {
  let depth = 0;
  let start = -1;
  let last = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === quote) at = endOfString(bytes, at);
    else if (opening.has(byte)) {
      if (depth === depthOfEntries && byte === brace) start = at;
      depth += 1;
    } else if (closing.has(byte)) {
      depth -= 1;
      if (depth === depthOfEntries && start >= 0) {
        yield { start, end: at + 1 };
        start = -1;
        last = at;
      }
    }
    if (at - last > mostBetween) throw notManifest('an entry of it is too long');
  }
}

/** Of its second quote. */
function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString();
}

function parse<T>(parsing: () => T): T {
  try {
    return parsing();
  } catch (cause) {
    throw notManifest('not a manifest', cause);
  }
}

function notManifest(problem: string, cause?: unknown): Problem {
  const why = cause === undefined ? `: ${problem}` : '';
  return new Problem('invalid', `The content of that digest is not the manifest of a snapshot${why}.`, {
    cause,
    fields: [{ field: 'manifest', problem }],
  });
}
