/** Plain requests to the gateway, for bytes of any size. */
import { apiPrefix } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { Link } from './link.ts';
import { problemOfResponse, unreachable } from './problem.ts';
import { patience } from './rpc.ts';
import { aborted } from './wait.ts';

export type Fetch = (path: string, init?: RequestInit) => Promise<Response>;

export function createFetch(link: Pick<Link, 'session'>, deadline = patience): Fetch {
  return async (path, init = {}) => {
    const given = init.signal ?? undefined;
    const signal = AbortSignal.any([AbortSignal.timeout(deadline), ...(given ? [given] : [])]);
    for (;;) {
      const { target, closed } = await link.session(signal);
      const headers = new Headers(init.headers);
      headers.set('authorization', `Bearer ${target.key}`);
      const answer = await fetch(target.address + apiPrefix + path, { ...init, headers }).catch((error: unknown) => error);
      if (answer instanceof Response) {
        if (answer.ok) return answer;
        throw problemOfResponse(answer.status, await answer.text());
      }
      if (given?.aborted) throw new Problem('cancelled', 'Cancelled.', { cause: answer });
      const repeatable = init.body === undefined || init.body === null || init.body instanceof Uint8Array;
      if (!repeatable || signal.aborted) throw unreachable(target.address, answer);
      // The link finds out by itself; until it does, asking it again would give the same dead session.
      await aborted(closed, signal);
    }
  };
}
