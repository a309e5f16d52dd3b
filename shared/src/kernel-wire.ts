/**
 * How a kernel's messages travel between the gateway and its clients.
 *
 * A message is five or more byte frames: channel, header, parent_header, metadata, content, then buffers. They are laid out
 * as Jupyter's `v1.kernel.websocket.jupyter.org`: u64LE N, N offsets as u64LE (absolute, the last is the total length),
 * then the frames. What the server sends has 16 bytes in front: the record's sequence number and its time in
 * microseconds since 1970, both u64LE, so that a client can say what it saw last and drop what it saw already.
 * Source: https://jupyter-server.readthedocs.io/en/latest/developers/websocket-protocols.html
 */

export const kernelSocketProtocol = 'bine.kernel.v1';

/** `supervisor` is ours: what happened to the kernel itself, with the shape of a Jupyter message. */
export const channels = ['shell', 'iopub', 'stdin', 'control', 'supervisor'] as const;
export type Channel = (typeof channels)[number];

export type Header = {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
};

export type KernelMessage = {
  channel: Channel;
  header: Header;
  parent_header: Header | Record<string, never>;
  metadata: Record<string, unknown>;
  content: Record<string, unknown>;
  buffers: Uint8Array[];
};

/** A message as it stands in the kernel's log. */
export type KernelRecord = KernelMessage & {
  seq: number;
  /** Microseconds since 1970. */
  time: number;
};

/** The contents of messages on the `supervisor` channel, by `msg_type`. */
export type SupervisorContent = {
  /** Sent first on every socket; not in the log (its seq is 0). `oldest` is the first record still kept. */
  attached: { head: number; oldest: number; epoch: number; state: string };
  /** A kernel process came up; what ran in an earlier epoch is over. */
  started: { epoch: number };
  /** The kernel process ended. `oom`: the memory limit was reached. */
  ended: { epoch: number; cause: string; exit_code: number | null; signal: string | null; oom: boolean; expected: boolean };
  /** Records were dropped: the quota, or a full disk. */
  gap: { from: number; to: number; bytes: number; reason: string };
  /** An `input_request` (its msg_id) was answered, maybe by another client. */
  answered: { request: string };
  /** A message of yours (its msg_id) was not passed on; `code` and `detail` as in `problems.ts`. Not in the log (its seq is 0). */
  refused: { request: string; code: string; detail: string };
};

const prefixBytes = 16;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** An offset table and the frames, after `before` empty bytes, in pieces that follow each other: frames of at least `large` bytes are not copied. */
function layout(frames: readonly Uint8Array[], before: number, large = Infinity): [head: Uint8Array, ...rest: Uint8Array[]] {
  const table = 8 * (frames.length + 2);
  const head = new Uint8Array(before + table);
  const view = new DataView(head.buffer, before);
  view.setBigUint64(0, BigInt(frames.length + 1), true);
  let at = table;
  for (const [i, frame] of frames.entries()) {
    view.setBigUint64(8 * (i + 1), BigInt(at), true);
    at += frame.byteLength;
  }
  view.setBigUint64(8 * (frames.length + 1), BigInt(at), true);
  const first = frames.findIndex((frame) => frame.byteLength >= large);
  const copied = first < 0 ? frames : frames.slice(0, first);
  return [join([head, ...copied]), ...frames.slice(copied.length)];
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

/** The frames of a message as bytes, nothing read into them. @throws RangeError on nonsense */
export function splitMessage(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.byteLength < 8 ? 0 : Number(view.getBigUint64(0, true));
  if (count < 6 || count > 4096 || 8 * (count + 1) > bytes.byteLength) throw new RangeError('not a kernel message: bad offset table');
  const offsets: number[] = [];
  for (let i = 0; i < count; i++) offsets.push(Number(view.getBigUint64(8 * (i + 1), true)));
  let least = 8 * (count + 1);
  for (const offset of offsets) {
    if (offset < least || offset > bytes.byteLength) throw new RangeError('not a kernel message: bad offset');
    least = offset;
  }
  return offsets.slice(0, -1).map((offset, i) => bytes.subarray(offset, offsets[i + 1]));
}

function parse(parts: Uint8Array[], parseJson: (text: string) => unknown = (text) => JSON.parse(text)): KernelMessage {
  const [channel, header, parent, metadata, content] = parts.slice(0, 5).map((part) => decoder.decode(part));
  if (!(channels as readonly string[]).includes(channel!)) throw new RangeError(`not a kernel message: no channel "${channel}"`);
  return {
    channel: channel as Channel,
    header: parseJson(header!) as KernelMessage['header'],
    parent_header: parseJson(parent!) as KernelMessage['parent_header'],
    metadata: parseJson(metadata!) as KernelMessage['metadata'],
    content: parseJson(content!) as KernelMessage['content'],
    buffers: parts.slice(5),
  };
}

/** Client to server. */
export function encodeMessage(message: KernelMessage): Uint8Array {
  const text = [
    message.channel,
    ...[message.header, message.parent_header, message.metadata, message.content].map((part) => JSON.stringify(part)),
  ];
  return layout([...text.map((part) => encoder.encode(part)), ...message.buffers], 0)[0];
}

/** Server side of {@link encodeMessage}. @throws RangeError or SyntaxError on nonsense. */
export function decodeMessage(bytes: Uint8Array): KernelMessage {
  return parse(splitMessage(bytes));
}

/** Server to client, from frames that are bytes already: [channel, header, parent_header, metadata, content, …buffers]. */
export function encodeRecord(seq: number, time: number, parts: readonly Uint8Array[]): Uint8Array {
  return encodeRecordInPieces(seq, time, parts, Infinity)[0];
}

/** The same in pieces that follow each other, the frames from the first of at least `large` bytes on being those given. */
export function encodeRecordInPieces(
  seq: number,
  time: number,
  parts: readonly Uint8Array[],
  large: number,
): [Uint8Array, ...Uint8Array[]] {
  const pieces = layout(parts, prefixBytes, large);
  const view = new DataView(pieces[0].buffer);
  view.setBigUint64(0, BigInt(seq), true);
  view.setBigUint64(8, BigInt(time), true);
  return pieces;
}

/**
 * Client side of {@link encodeRecord}. What a kernel wrote that is no JSON is empty: the records behind it are to be read.
 * @throws RangeError on nonsense that cannot come from a kernel
 */
export function decodeRecord(bytes: Uint8Array): KernelRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { header, ...message } = parse(splitMessage(bytes.subarray(prefixBytes)), parseKernelJson);
  return {
    seq: Number(view.getBigUint64(0, true)),
    time: Number(view.getBigUint64(8, true)),
    ...message,
    header: { ...noHeader, ...header },
  };
}

const noHeader: Header = { msg_id: '', msg_type: '', session: '', username: '', date: '', version: '' };
const stringOrNoNumber = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

/** As Python writes it: `NaN` and `Infinity` are numbers there. */
function parseKernelJson(text: string): Record<string, unknown> {
  const strict = () => text.replace(stringOrNoNumber, (found) => (found.startsWith('"') ? found : 'null'));
  const value = tryParse(text) ?? tryParse(strict());
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
