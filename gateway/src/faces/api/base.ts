/**
 * What every handler stands on: `os` is the contract waiting for its handlers. By the time a handler runs, the caller
 * is known (`context.principal`) and may do what the procedure says, and the input is valid.
 */
import { Procedure, implement } from '@orpc/server';
import type { AnyProcedure } from '@orpc/server';
import { contract } from '@bine/shared';
import type { Principal } from '../../domains/access/principal.ts';
import type { Caller } from './authorise.ts';

export type RequestContext = {
  requestId: string;
  caller: Caller;
  /** Where the request came from. */
  address: string | null;
  /** Ends the connection of a call that is over for its caller. */
  cut?: () => void;
  /** Who was authorised for this very call; see `calls.ts`. */
  principal?: Principal;
};

export type Implementer = ReturnType<typeof createImplementer>;

export function createImplementer() {
  return (
    // Input is validated after the middleware, so that a stranger learns nothing from what is wrong with it.
    implement(contract, { initialInputValidationIndex: Number.POSITIVE_INFINITY })
      .$context<RequestContext>()
      .use(async ({ context: { principal }, next }) => {
        if (!principal) throw new Error('a call went past its authorisation');
        return next({ context: { principal } });
      })
  );
}

/** For output that was checked when it was made, and of which there is so much that checking it again would hold up everybody else. */
export function trusted<T extends object>(procedure: T): T {
  const { outputSchema: _unused, ...definition } = (procedure as unknown as AnyProcedure)['~orpc'];
  return new Procedure(definition) as unknown as T;
}
