/** The bytes of files, over plain routes: streamed both ways, so that a file of any size takes the same memory. */
import { fileContent } from '@bine/shared';
import { Router } from 'express';
import type { Request, Response } from 'express';
import type { FileStat } from '@bine/shared';
import type { Files } from '../../domains/files/files.ts';
import { dropBody, endWhenIdle, queryIn, sendFile } from './bytes.ts';
import type { AuthoriseRequest } from './bytes.ts';
import { parseTags, toTag } from './http-conditions.ts';

export type FileContentOptions = {
  files: Pick<Files, 'read' | 'write'>;
  authorise: AuthoriseRequest;
};

export function fileContentRoutes({ files, authorise }: FileContentOptions): Router {
  const path = fileContent.path.replaceAll(/\{(\w+)\}/g, ':$1');
  const router = Router();
  router.get(path, async (request, response) => {
    const project = String(request.params['project']);
    await authorise(request, { name: 'files.read', needs: fileContent.read }, project);
    await using file = await files.read({ project, path: queryIn(request, fileContent.query).path });
    await sendFile(file, request, response);
  });
  router.put(path, async (request, response) => {
    const project = String(request.params['project']);
    endWhenIdle(request);
    try {
      await authorise(request, { name: 'files.write', needs: fileContent.write }, project);
      const stat = await receive(files, request, response);
      response.setHeader('ETag', toTag(stat.etag));
      response.json(stat);
    } finally {
      dropBody(request);
    }
  });
  return router;
}

async function receive(files: Pick<Files, 'write'>, request: Request, response: Response): Promise<FileStat> {
  const project = String(request.params['project']);
  const { path, executable } = queryIn(request, fileContent.query);
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
      ...(executable !== undefined && { executable: executable === 'true' }),
      signal: gone.signal,
    },
  );
}
