/** The bytes of a file as Git has it. */
import { gitContent } from '@bine/shared';
import { Router } from 'express';
import type { GitDomain } from '../../domains/git/git.ts';
import { queryIn, sendFile } from './bytes.ts';
import type { AuthoriseRequest } from './bytes.ts';

export type GitContentOptions = { git: Pick<GitDomain, 'content'>; authorise: AuthoriseRequest };

export function gitContentRoutes({ git, authorise }: GitContentOptions): Router {
  const router = Router();
  router.get(gitContent.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (request, response) => {
    const project = String(request.params['project']);
    await authorise(request, { name: 'git.readContent', needs: gitContent.read }, project);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    await using file = await git.content({ project, ...queryIn(request, gitContent.query) }, gone.signal);
    await sendFile(file, request, response);
  });
  return router;
}
