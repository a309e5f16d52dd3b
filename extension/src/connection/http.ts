/** Plain requests to the gateway, for bytes of any size. */
import { apiPrefix } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { Link } from './link.ts';
import { nodeFetch } from './node-fetch.ts';
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
      const repeatable = init.body === undefined || init.body === null || init.body instanceof Uint8Array;
      const answer = await send(target.address + apiPrefix + path, { ...init, headers }, repeatable ? closed : null);
      if (answer instanceof Response) {
        if (answer.ok) return answer;
        throw problemOfResponse(answer.status, await answer.text());
      }
      if (given?.aborted) throw new Problem('cancelled', 'Cancelled.', { cause: answer });
      if (!repeatable || signal.aborted) throw unreachable(target.address, answer);
      // The link finds out by itself; until it does, asking it again would give the same dead session.
      await aborted(closed, signal);
    }
  };
}

/** `lost` ends it while the answer has not begun: a network that swallows packets would let it wait for minutes. @returns what failed */
async function send(url: string, init: RequestInit, lost: AbortSignal | null): Promise<unknown> {
  const waiting = new AbortController();
  const giveUp = () => waiting.abort();
  lost?.addEventListener('abort', giveUp, { once: true });
  if (lost?.aborted) giveUp();
  const signal = AbortSignal.any([waiting.signal, ...(init.signal ? [init.signal] : [])]);
  try {
    return await nodeFetch(url, { ...init, signal });
  } catch (error) {
    return error;
  } finally {
    lost?.removeEventListener('abort', giveUp);
  }
}
