/** The contract's client over a link that comes and goes: calls wait for it, and reads that it cut off are sent again. */
import { contract, type Contract } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { type ClientContext, type ClientLink, createORPCClient } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import type { Link } from './link.ts';
import { toProblem } from './problem.ts';

export type ContractClient = ContractRouterClient<Contract>;

/** How long a call waits for a connection, in milliseconds. */
export const patience = 20_000;

type Definition = { '~orpc': { route: { method?: string } } };

/** What changes nothing may be sent twice: what the contract serves by GET. */
export function isRead([domain = '', name = '']: readonly string[]): boolean {
  const procedures = contract[domain as keyof Contract] as Record<string, Definition> | undefined;
  return procedures?.[name]?.['~orpc'].route.method === 'GET';
}

export function createClient(link: Pick<Link, 'session'>, deadline = patience): ContractClient {
  const waiting: ClientLink<ClientContext> = {
    async call(path, input, options) {
      const signal = AbortSignal.any([AbortSignal.timeout(deadline), ...(options.signal ? [options.signal] : [])]);
      for (;;) {
        const session = await link.session(signal);
        try {
          return await session.rpc.call(path, input, options);
        } catch (error) {
          if (options.signal?.aborted) throw new Problem('cancelled', 'Cancelled.', { cause: error });
          if (!session.closed.aborted) throw toProblem(error);
          if (!isRead(path)) throw cutOff(error);
        }
      }
    },
  };
  return createORPCClient<ContractClient>(waiting);
}

function cutOff(cause: unknown): Problem {
  return new Problem('timeout', 'The connection was lost before the gateway answered. See whether it was done, then try again.', { cause });
}
