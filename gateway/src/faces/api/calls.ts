/** What happens around every call of a procedure, over REST and over the socket alike. */
import type { StandardHandlerOptions } from '@orpc/server/standard';
import type { Access } from '@bine/shared';
import { asFrameworkError, asProblem } from './errors.ts';
import type { Failures } from './errors.ts';
import type { RequestContext } from './base.ts';
import type { Authorise } from './authorise.ts';
import type { Metrics } from './metrics.ts';

export type CallsOptions = Failures & { metrics: Metrics; authorise: Authorise };

export type CallInterceptor = NonNullable<StandardHandlerOptions<RequestContext>['clientInterceptors']>[number];

export function createCallInterceptor({ metrics, authorise, ...failures }: CallsOptions): CallInterceptor {
  return async ({ next, ...call }) => {
    const { context, path, procedure } = call;
    const { requestId } = context;
    // A call without input is a call with nothing in it.
    const input = call.input ?? {};
    const done = metrics.startCall(path.join('.'));
    const fail = (error: unknown) => asFrameworkError(asProblem(error, { requestId, ...failures }), requestId);
    try {
      const output = await next({ ...call, input });
      done('ok');
      if (!isStream(output)) return output;
      const needs = procedure['~orpc'].meta as Access;
      const stillAllowed = () => authorise(context.caller, needs, (input as { project?: unknown }).project);
      return guard(output, { stillAllowed, fail });
    } catch (error) {
      const failure = fail(error);
      done(failure.code);
      throw failure;
    }
  };
}

function isStream(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}

type Guard = { stillAllowed: () => Promise<unknown>; fail: (error: unknown) => Error };

/** A stream may outlast a membership or a key. */
async function* guard(stream: AsyncIterable<unknown>, { stillAllowed, fail }: Guard): AsyncGenerator {
  try {
    for await (const value of stream) {
      await stillAllowed();
      yield value;
    }
  } catch (error) {
    throw fail(error);
  }
}
