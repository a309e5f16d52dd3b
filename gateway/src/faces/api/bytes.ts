/** Bytes over plain routes: a file goes out as its reader asks, and what comes in must not stand still. */
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Access } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { OpenFile } from '../../domains/files/files.ts';
import { parseRange, parseTags, toTag } from './http-conditions.ts';
import type { Range } from './http-conditions.ts';

/** A route beside the procedures, as OpenAPI and the audit log call it. */
export type Route = { name: string; needs: Access };

/** Until the answer is over; it is cut off when the caller may no longer have it. @throws Problem unless the request's caller may do that in the project */
export type AuthoriseRequest = (request: Request, route: Route, project: string) => Promise<unknown>;

/** Milliseconds without a byte either way, after which a transfer counts as dead. */
const mostIdle = 120_000;
/** Milliseconds for which a refused body is read. */
const mostDropped = 5000;

/** @throws Problem invalid */
export function queryIn<Query extends z.ZodType>(request: Request, schema: Query): z.infer<Query> {
  const query = schema.safeParse(request.query);
  if (query.success) return query.data;
  const fields = query.error.issues.flatMap((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.')];
    return unknown.map((field) => ({ field, problem: issue.message }));
  });
  throw new Problem('invalid', fields.map(({ field, problem }) => `${field}: ${problem}`).join('; '), { fields });
}

/** Express answers HEAD by the route of GET. */
export async function sendFile(file: OpenFile, request: Request, response: Response): Promise<void> {
  const { stat } = file;
  const known = parseTags(request, 'if-none-match');
  const isKnown = known === 'any' || known?.includes(stat.etag);
  const range = isKnown ? null : wantedRange(request, stat.etag, stat.size);
  if (range === 'outside') {
    response.set('Content-Range', `bytes */${stat.size}`);
    throw new Problem('bad-range', `The file has ${stat.size} bytes; the range ${JSON.stringify(request.headers.range)} is outside of it.`);
  }
  response.set({
    ETag: toTag(stat.etag),
    'Last-Modified': new Date(stat.modified).toUTCString(),
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, no-cache',
    // A user's file is nothing that the gateway vouches for: no browser may guess a page in it.
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': 'attachment',
    'X-Content-Type-Options': 'nosniff',
  });
  if (isKnown) {
    response.status(304).end();
    return;
  }
  if (range) response.status(206).set('Content-Range', `bytes ${range.start}-${range.end}/${stat.size}`);
  const length = range ? range.end - range.start + 1 : stat.size;
  response.set('Content-Length', String(length));
  if (request.method === 'HEAD' || length === 0) response.end();
  else await sendBytes(file, range ?? { start: 0, end: stat.size - 1 }, response);
}

function wantedRange(request: Request, etag: string, size: number): Range | 'outside' | null {
  if (request.method === 'HEAD') return null;
  const condition = request.headers['if-range'];
  return condition === undefined || condition === toTag(etag) ? parseRange(request.headers.range, size) : null;
}

async function sendBytes(file: OpenFile, range: Range, response: Response): Promise<void> {
  response.setTimeout(mostIdle, () => response.destroy());
  const stream = file.stream(range);
  try {
    await pipeline(stream, response, { end: false });
  } catch {
    // Too late for an answer: the client went away, or the disk failed, and a cut connection is the only sign left.
    response.destroy();
    return;
  }
  // A file that shrank meanwhile must not look whole.
  if (stream.bytesRead === range.end - range.start + 1) response.end();
  else response.destroy();
}

export function endWhenIdle(request: Request, idleMs = mostIdle): void {
  const problem = () => new Problem('timeout', `No byte came for ${idleMs / 1000} s. Send it again.`);
  request.setTimeout(idleMs, () => request.destroy(problem()));
  // The disk may take its time once everything has come.
  request.once('end', () => request.setTimeout(0));
}

/** What is left of a refused request is read for a while and dropped, so that its sender gets to read why. */
export function dropBody(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  const timer = setTimeout(() => request.destroy(), mostDropped).unref();
  for (const event of ['end', 'close'] as const) request.once(event, () => clearTimeout(timer));
  request.resume();
}
