/** RFC 9110's conditions and ranges, as far as files need them. */
import { Problem } from '@bine/shared/problems';
import type { IncomingMessage } from 'node:http';

/** Both ends belong to it. */
export type Range = { start: number; end: number };

export const toTag = (etag: string): string => `"${etag}"`;

/**
 * @returns the entity tags without their quotes; undefined without the header
 * @throws Problem bad-request for what is no list of tags, which an editor would take for consent to overwrite
 */
export function parseTags(request: IncomingMessage, header: 'if-match' | 'if-none-match'): 'any' | string[] | undefined {
  const text = request.headers[header]?.trim();
  if (text === undefined) return undefined;
  if (text === '*') return 'any';
  const tags = text.split(/\s*,\s*/).map((tag) => /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/.exec(tag));
  if (tags.includes(null))
    throw new Problem('bad-request', `${header}: ${JSON.stringify(text)} is no list of etags in double quotes, nor *.`);
  // A weak one promises nothing about the bytes, so it may save a download but not decide about an overwrite.
  return tags.flatMap((tag) => (tag![1] && header === 'if-match' ? [] : [tag![2]!]));
}

/** One range; what is malformed, of another unit or in several parts is ignored, as the RFC allows. */
export function parseRange(header: string | undefined, size: number): Range | 'outside' | null {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  if (first === '') return Number(last) === 0 || size === 0 ? 'outside' : { start: Math.max(0, size - Number(last)), end: size - 1 };
  if (last !== '' && Number(last) < Number(first)) return null;
  if (Number(first) >= size) return 'outside';
  return { start: Number(first), end: last === '' ? size - 1 : Math.min(Number(last), size - 1) };
}
