/** Outputs in the form in which VS Code shows them and its `.ipynb` serializer writes them, which is that of its own reader. */
import { readableColors } from './traceback-colors.ts';
import { isJsonType } from '@bine/client/notebooks/content';
import { type DataOutput, type ErrorOutput, type Output, streamText } from '@bine/client/notebooks/outputs';

export type Item = { mime: string; data: Uint8Array };
export type ShownOutput = { items: readonly Item[]; metadata?: Record<string, unknown> | undefined };

/** Characters that fit beside a cell in a narrow window. */
const width = 100;
const notebookMime = 'application/vnd.code.notebook.';
const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];

export function itemsOf(output: Output): Item[] {
  if (output.kind === 'stream') return [streamItem(output.name, streamText(output))];
  if (output.kind === 'error') return [errorItem(output)];
  return Object.entries(output.data).map(([mime, value]) => ({ mime, data: bytesOf(mime, value) }));
}

export function streamItem(name: 'stdout' | 'stderr', text: string): Item {
  return { mime: notebookMime + name, data: encoder.encode(text) };
}

export function metadataOf(output: Output): Record<string, unknown> {
  if (output.kind === 'stream') return { outputType: 'stream' };
  if (output.kind === 'error') return { outputType: 'error', originalError: originalError(output) };
  return {
    outputType: output.type,
    metadata: output.metadata,
    ...(output.type === 'execute_result' && { executionCount: output.count }),
    ...(output.displayId !== null && { transient: { display_id: output.displayId } }),
  };
}

function originalError({ name, value, traceback }: ErrorOutput) {
  return { output_type: 'error', ename: name, evalue: value, traceback };
}

function errorItem({ name, value, traceback }: ErrorOutput): Item {
  const stack = readableColors(traceback.join('\n'));
  // A message alone would be cut at the right: VS Code wraps none of what it takes for a traceback.
  const error = { name, message: value, stack: stack.includes('\n') ? stack : wrapped(stack) };
  return { mime: `${notebookMime}error`, data: encoder.encode(JSON.stringify(error)) };
}

/** Broken between words. */
function wrapped(line: string): string {
  return line.replaceAll(new RegExp(`(.{1,${width}})(?: |$)`, 'g'), '$1\n').trimEnd();
}

function bytesOf(mime: string, value: unknown): Uint8Array {
  if (typeof value === 'string' && mime.startsWith('image/') && mime !== 'image/svg+xml') return fromBase64(value);
  if (typeof value === 'string' && !isJsonType(mime)) return encoder.encode(value);
  return encoder.encode(JSON.stringify(value));
}

/** What is not base64 is left as it is: the cell shows a broken image, and the others go on. */
function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return encoder.encode(text);
  }
}

/** Whether a cell shows these outputs already, so that a notebook is not changed by being opened. */
export function isShown(outputs: readonly Output[], shown: readonly ShownOutput[]): boolean {
  return outputs.length === shown.length && outputs.every((output, index) => isSame(output, shown[index]!));
}

function isSame(output: Output, { items, metadata = {} }: ShownOutput): boolean {
  const expected = itemsOf(output);
  return (
    metadata['outputType'] === metadataOf(output)['outputType'] &&
    (output.kind !== 'data' || isSameData(output, metadata)) &&
    items.length === expected.length &&
    expected.every((item) => items.some((other) => other.mime === item.mime && isSameContent(item, other)))
  );
}

function isSameData({ type, count, metadata }: DataOutput, shown: Record<string, unknown>): boolean {
  return (type !== 'execute_result' || shown['executionCount'] === count) && isEqual(metadata, shown['metadata'] ?? {});
}

function isSameContent(a: Item, b: Item): boolean {
  if (a.data.length === b.data.length && a.data.every((byte, at) => byte === b.data[at])) return true;
  return (isJsonType(a.mime) || a.mime.startsWith(notebookMime)) && isEqual(parsed(decoder.decode(a.data)), parsed(decoder.decode(b.data)));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Of JSON values; the order of keys does not matter, since saving sorts them. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!a || !b || typeof a !== 'object' || typeof b !== 'object' || Array.isArray(a) !== Array.isArray(b)) return false;
  const [one, other] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => Object.hasOwn(other, key) && isEqual(one[key], other[key]));
}
