/**
 * Records as the supervisor writes them to its log and sends them over its socket; the layout is in
 * images/supervisor/README.md. What comes from there is not trusted: programs in the container can write it too.
 */
import { crc32 } from 'node:zlib';
import type { LogRecord } from '../../ports/kernel-agent.ts';

const headerBytes = 32;
/** What a supervisor writes at most, and a little for its table of frames. */
const maxBody = 41 * 2 ** 20;
const maxFrames = 4096;
const message = 0;
const control = 1;

/** The bytes are no records, or were damaged. */
export class DamagedRecord extends Error {}

export type Item = LogRecord & { epoch: number; control: boolean };

export type RecordParser = {
  /** Takes bytes, which may be reused afterwards, and gives the records that are whole now; none any more after damage. */
  push(chunk: Uint8Array): Item[];
  damage(): DamagedRecord | null;
  /** Bytes of the record that has begun and is not whole; 0: none, or its size is not known yet. */
  partial(): number;
  /** Bytes of whole records so far. */
  consumed(): number;
};

export function createRecordParser(): RecordParser {
  const partial = createPartial();
  let consumed = 0;
  let damage: DamagedRecord | null = null;

  function take(chunk: Uint8Array, items: Item[]): void {
    const complete = (bytes: Buffer) => {
      items.push(decode(bytes));
      consumed += bytes.length;
    };
    const start = partial.proceed(chunk, complete);
    const end = wholeUntil(chunk, start);
    const whole = Buffer.from(chunk.subarray(start, end));
    for (let at = 0; at < whole.length;) {
      const size = sizeOf(whole.subarray(at));
      complete(whole.subarray(at, at + size));
      at += size;
    }
    if (end < chunk.length) partial.begin(chunk.subarray(end));
  }

  return {
    consumed: () => consumed,
    damage: () => damage,
    partial: partial.size,
    push(chunk) {
      const items: Item[] = [];
      if (damage) return items;
      try {
        take(chunk, items);
      } catch (error) {
        if (!(error instanceof DamagedRecord)) throw error;
        damage = error;
      }
      return items;
    },
  };
}

/** A record of which a part has arrived: first its header is put together, then all of it, in memory of its own. */
function createPartial() {
  const header = Buffer.alloc(headerBytes);
  let target: Buffer = header;
  let have = 0;

  function grow(): void {
    target = Buffer.allocUnsafeSlow(sizeOf(header));
    header.copy(target);
  }

  return {
    size: () => (have > 0 && target !== header ? target.length : 0),
    begin(rest: Uint8Array): void {
      header.set(rest.subarray(0, headerBytes));
      target = header;
      if (rest.length >= headerBytes) grow();
      target.set(rest);
      have = rest.length;
    },
    /** Takes what belongs to it from the start of `chunk` and returns where that ends. */
    proceed(chunk: Uint8Array, complete: (bytes: Buffer) => void): number {
      let at = 0;
      while (have > 0 && at < chunk.length) {
        const taken = Math.min(target.length - have, chunk.length - at);
        target.set(chunk.subarray(at, at + taken), have);
        have += taken;
        at += taken;
        if (have === target.length && target === header) grow();
        if (have < target.length) continue;
        have = 0;
        complete(target);
      }
      return at;
    },
  };
}

/** End of the last record in `chunk` that is whole, if one starts at `at`. */
function wholeUntil(chunk: Uint8Array, at: number): number {
  const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  let end = at;
  while (view.length - end >= headerBytes) {
    const size = headerBytes + view.readUInt32LE(end);
    if (end + size > view.length) break;
    end += size;
  }
  return end;
}

/** Of the whole record, from its header. */
function sizeOf(header: Buffer): number {
  const length = header.readUInt32LE(0);
  const kind = header.readUInt16LE(28);
  const count = header.readUInt16LE(30);
  if (length > maxBody || count > maxFrames || 4 * count > length || (kind !== message && kind !== control)) {
    throw new DamagedRecord(`not a record: ${count} frames in ${length} bytes, kind ${kind}`);
  }
  return headerBytes + length;
}

function decode(bytes: Buffer): Item {
  if (crc32(bytes.subarray(8)) !== bytes.readUInt32LE(4)) throw new DamagedRecord('a record is damaged: its checksum is wrong');
  const isControl = bytes.readUInt16LE(28) === control;
  const count = bytes.readUInt16LE(30);
  if (count < (isControl ? 1 : 5)) throw new DamagedRecord(`a record has only ${count} frames`);
  const frames: Uint8Array[] = [];
  let at = headerBytes + 4 * count;
  for (let i = 0; i < count; i++) {
    const length = bytes.readUInt32LE(headerBytes + 4 * i);
    if (at + length > bytes.length) throw new DamagedRecord('the frames of a record do not fit into it');
    frames.push(bytes.subarray(at, at + length));
    at += length;
  }
  return {
    control: isControl,
    seq: safe(bytes.readBigUInt64LE(8)),
    time: safe(bytes.readBigUInt64LE(16)),
    epoch: bytes.readUInt32LE(24),
    frames,
  };
}

function safe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new DamagedRecord(`a number of a record is too large: ${value}`);
  return number;
}

/** What a record of ours says that no log holds. */
export function ownRecord(type: string, content: unknown, seq = 0): LogRecord {
  const header = {
    msg_id: crypto.randomUUID(),
    msg_type: type,
    session: '',
    username: 'bine',
    date: new Date().toISOString(),
    version: '5.3',
  };
  const frames = ['supervisor', JSON.stringify(header), '{}', '{}', JSON.stringify(content)].map((part) => Buffer.from(part));
  return { seq, time: Date.now() * 1000, frames };
}
