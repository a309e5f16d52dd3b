/** A way to a server, with the token of who goes it. */
import type { Trip } from '../../ports/git/transfers.ts';
import { secretFor } from './credentials.ts';
import type { Leg, Operations } from './operations.ts';
import type { GitParts } from './parts.ts';
import type { Repositories } from './repositories.ts';

export type TransferParts = GitParts & { repositories: Repositories; operations: Operations };

export async function tripTo(
  parts: GitParts,
  { where, url, refs, leg }: Pick<Trip, 'where' | 'url' | 'refs'> & { leg: Leg },
): Promise<Trip> {
  return { where, url, refs, secret: await secretFor(parts, leg.user, url), onProgress: leg.onProgress, signal: leg.signal };
}
