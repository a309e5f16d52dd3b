/** The bytes that jobs need: what a snapshot is made of comes in, what an execution left goes out. */
import { executionResult, snapshotBlob } from '@bine/shared';
import { Router } from 'express';
import type { Request, Response } from 'express';
import type { Executions } from '../../domains/jobs/executions.ts';
import type { Snapshots } from '../../domains/jobs/snapshots.ts';
import { dropBody, endWhenIdle, queryIn, sendFile } from './bytes.ts';
import type { AuthoriseRequest } from './bytes.ts';
import { invalid } from './errors.ts';

export type JobContentOptions = {
  executions: Pick<Executions, 'openResult'>;
  snapshots: Pick<Snapshots, 'putBlob'>;
  authorise: AuthoriseRequest;
};

export function jobContentRoutes({ executions, snapshots, authorise }: JobContentOptions): Router {
  const router = Router();
  router.get(pattern(executionResult.path), async (request, response) => {
    const project = String(request.params['project']);
    await authorise(request, { name: 'executions.readResult', needs: executionResult.read }, project);
    const { path } = queryIn(request, executionResult.query);
    await using file = await executions.openResult({ project, execution: String(request.params['execution']) }, path);
    await sendFile(file, request, response);
  });
  router.put(pattern(snapshotBlob.path), async (request, response) => {
    const project = String(request.params['project']);
    endWhenIdle(request);
    try {
      await authorise(request, { name: 'snapshots.putBlob', needs: snapshotBlob.write }, project);
      const isNew = await receive(snapshots, request, response);
      response.status(isNew ? 201 : 200).json({});
    } finally {
      dropBody(request);
    }
  });
  return router;
}

const pattern = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

async function receive(snapshots: JobContentOptions['snapshots'], request: Request, response: Response): Promise<boolean> {
  queryIn(request, snapshotBlob.query);
  const params = snapshotBlob.params.safeParse(request.params);
  if (!params.success) throw invalid(params.error.issues);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const { project, sha256 } = params.data;
  // Left open when the writing fails, for the answer to travel on the same connection.
  return snapshots.putBlob(project, sha256, { body: request.iterator({ destroyOnReturn: false }), signal: gone.signal });
}
