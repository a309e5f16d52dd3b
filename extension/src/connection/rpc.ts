/** The contract's client over a link that comes and goes: calls wait for it, and reads that it cut off are sent again. */
import type { Contract } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { type ClientContext, type ClientLink, createORPCClient } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import type { Link } from './link.ts';
import { toProblem } from './problem.ts';

export type ContractClient = ContractRouterClient<Contract>;

/** How long a call waits for a connection, in milliseconds. */
export const patience = 20_000;

/** Procedures that change nothing may be sent twice. */
const read = /^(list|get|stat|me|status|health|executions|usage|results|packages|revision|changes|users|search|preview)/;

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
          if (!read.test(path.at(-1) ?? '')) throw cutOff(error);
        }
      }
    },
  };
  return createORPCClient<ContractClient>(waiting);
}

function cutOff(cause: unknown): Problem {
  return new Problem('timeout', 'The connection was lost before the gateway answered. See whether it was done, then try again.', { cause });
}
