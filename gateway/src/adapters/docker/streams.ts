/** Reading what the engine streams: container output with its frames, and JSON objects one a line. */
import { StringDecoder } from 'node:string_decoder';

const headerBytes = 8;
/** A line longer than this is cut, so that a program cannot fill the gateway's memory. */
const longestLine = 64 * 1024;

/** stdout and stderr of a container without a terminal, in the order they came, as lines. */
export async function* outputLines(stream: NodeJS.ReadableStream): AsyncIterable<string> {
  yield* lines(payloads(stream));
}

/** One JSON object a line. What is not JSON is passed over. */
export async function* jsonLines(stream: NodeJS.ReadableStream): AsyncIterable<Record<string, unknown>> {
  for await (const line of lines(stream as AsyncIterable<Buffer>)) {
    const object = parseObject(line);
    if (object) yield object;
  }
}

/** One of the two, as bytes. */
export async function* outputParts(stream: NodeJS.ReadableStream, only: 'stdout' | 'stderr'): AsyncIterable<Buffer> {
  yield* payloads(stream, only === 'stdout' ? 1 : 2);
}

/** The frames of the engine's multiplexed output: stream type, three zeros, u32BE length, payload. */
async function* payloads(stream: NodeJS.ReadableStream, only?: number): AsyncIterable<Buffer> {
  let left = 0;
  let type = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    let bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    while (bytes.length > 0) {
      if (left === 0) {
        if (bytes.length < headerBytes) break;
        type = bytes[0]!;
        left = bytes.readUInt32BE(4);
        bytes = bytes.subarray(headerBytes);
        continue;
      }
      const payload = bytes.subarray(0, left);
      left -= payload.length;
      bytes = bytes.subarray(payload.length);
      if (only === undefined || type === only) yield payload;
    }
    rest = bytes;
  }
}

/** Lines without their ends. A carriage return ends one too: it is how progress is drawn over. */
export async function* lines(chunks: AsyncIterable<Buffer>): AsyncIterable<string> {
  const decoder = new StringDecoder('utf8');
  let open = '';
  for await (const chunk of chunks) {
    const parts = (open + decoder.write(chunk)).split(/\r\n|\n|\r/);
    open = (parts.pop() ?? '').slice(0, longestLine);
    for (const part of parts) if (part !== '') yield part.slice(0, longestLine);
  }
  if (open !== '') yield open;
}

function parseObject(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
