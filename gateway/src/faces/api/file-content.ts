/** The bytes of files, over plain routes: streamed both ways, so that a file of any size takes the same memory. */
import { fileContent } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { Router } from 'express';
import type { Request, Response } from 'express';
import { pipeline } from 'node:stream/promises';
import type { Access, FileStat } from '@bine/shared';
import type { Files, OpenFile } from '../../domains/files/files.ts';
import { parseRange, parseTags, toTag } from './http-conditions.ts';
import type { Range } from './http-conditions.ts';

export type FileContentOptions = {
  files: Pick<Files, 'read' | 'write'>;
  /** @throws Problem unless the request's caller may do what needs that access in the project */
  authorise: (request: Request, needs: Access, project: string) => Promise<unknown>;
};

/** Milliseconds without a byte either way, after which a transfer counts as dead. */
const mostIdle = 120_000;

export function fileContentRoutes({ files, authorise }: FileContentOptions): Router {
  const path = fileContent.path.replaceAll(/\{(\w+)\}/g, ':$1');
  const router = Router();
  router.get(path, async (request, response) => {
    const project = String(request.params['project']);
    await authorise(request, fileContent.read, project);
    await using file = await files.read({ project, path: pathOf(request) });
    await send(file, request, response);
  });
  router.put(path, async (request, response) => {
    const project = String(request.params['project']);
    endWhenIdle(request);
    try {
      await authorise(request, fileContent.write, project);
      const stat = await receive(files, request, response);
      response.setHeader('ETag', toTag(stat.etag));
      response.json(stat);
    } finally {
      // What is left of a refused upload is read and dropped, so that the client gets to read why.
      request.resume();
    }
  });
  return router;
}

function pathOf(request: Request): string {
  const query = fileContent.query.safeParse(request.query);
  if (query.success) return query.data.path;
  const fields = query.error.issues.flatMap((issue) => {
    const unknown = issue.code === 'unrecognized_keys' ? issue.keys : [issue.path.join('.')];
    return unknown.map((field) => ({ field, problem: issue.message }));
  });
  throw new Problem('invalid', fields.map(({ field, problem }) => `${field}: ${problem}`).join('; '), { fields });
}

/** Express answers HEAD by the route of GET. */
async function send(file: OpenFile, request: Request, response: Response): Promise<void> {
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

async function receive(files: Pick<Files, 'write'>, request: Request, response: Response): Promise<FileStat> {
  const project = String(request.params['project']);
  const path = pathOf(request);
  const condition = { match: parseTags(request, 'if-match'), noneMatch: parseTags(request, 'if-none-match') };
  const declared = request.headers['content-length'];
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return files.write(
    { project, path },
    {
      // Left open when the writing fails, for the answer to travel on the same connection.
      body: request.iterator({ destroyOnReturn: false }),
      length: declared === undefined ? undefined : Number(declared),
      condition,
      signal: gone.signal,
    },
  );
}

function endWhenIdle(request: Request): void {
  const problem = () => new Problem('timeout', `No byte came for ${mostIdle / 1000} s. Upload the file again.`);
  request.setTimeout(mostIdle, () => request.destroy(problem()));
  // The disk may take its time once everything has come.
  request.once('end', () => request.setTimeout(0));
}
