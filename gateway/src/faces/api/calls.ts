/** What happens around every call of a procedure, over REST and over the socket alike. */
import type { StandardHandlerOptions } from '@orpc/server/standard';
import { redact } from '@bine/shared';
import type { Access } from '@bine/shared';
import type { Audit } from '../../domains/audit/audit.ts';
import { untilAborted } from '../../lib/until-aborted.ts';
import { recordCall } from './audited.ts';
import { asFrameworkError, asProblem } from './errors.ts';
import type { Failures } from './errors.ts';
import type { RequestContext } from './base.ts';
import type { Grant, Grants } from './grants.ts';
import type { Metrics } from './metrics.ts';

export type CallsOptions = Failures & { metrics: Metrics; grants: Grants; audit: Pick<Audit, 'record'> };

export type CallInterceptor = NonNullable<StandardHandlerOptions<RequestContext>['clientInterceptors']>[number];

/** For the refusal to reach a client that reads, before a connection is cut. Milliseconds. */
const farewellMs = 200;

export function createCallInterceptor({ metrics, grants, audit, ...failures }: CallsOptions): CallInterceptor {
  return async ({ next, ...call }) => {
    const { context, path, procedure } = call;
    const { requestId } = context;
    // A call without input is a call with nothing in it.
    const input = call.input ?? {};
    const { meta, route, inputSchema } = procedure['~orpc'] as unknown as {
      meta: Access;
      route: { method?: string };
      inputSchema?: unknown;
    };
    const name = path.join('.');
    const done = metrics.startCall(name);
    const fail = (error: unknown) => asFrameworkError(asProblem(error, { requestId, ...failures }), requestId);
    const record = (outcome: { code: string; denied: boolean }) => {
      if (route.method === 'GET' && !outcome.denied) return;
      recordCall(audit, { context, procedure: name, input: redact(inputSchema, input), outcome: outcome.code });
    };

    let grant: Grant | null = null;
    try {
      grant = await grants.open(context.caller, meta, (input as { project?: unknown }).project);
      const ended = endOf(grant, context);
      const signal = call.signal ? AbortSignal.any([call.signal, grant.signal]) : grant.signal;
      const allowed = { ...context, principal: grant.principal };
      const output = await untilAborted(Promise.resolve(next({ ...call, input, signal, context: allowed })), grant.signal);
      done('ok');
      record({ code: 'ok', denied: false });
      if (isStream(output)) {
        // One that is never read is never asked for its end either.
        call.signal?.addEventListener('abort', ended, { once: true });
        return guard(output, { grant, fail, ended });
      }
      ended();
      return output;
    } catch (error) {
      const failure = fail(error);
      done(failure.code);
      record({ code: failure.code, denied: grant === null || grant.signal.aborted });
      grant?.[Symbol.dispose]();
      throw failure;
    }
  };
}

/** Cuts the connection when the grant ends before the call does. @returns to be called at the call's end */
function endOf(grant: Grant, { cut }: RequestContext): () => void {
  const end = () => {
    grant[Symbol.dispose]();
    if (cut) setTimeout(cut, farewellMs).unref();
  };
  grant.signal.addEventListener('abort', end, { once: true });
  return () => {
    grant.signal.removeEventListener('abort', end);
    grant[Symbol.dispose]();
  };
}

function isStream(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}

type Guard = { grant: Grant; fail: (error: unknown) => Error; ended: () => void };

/** A stream may outlast a membership or a key; it ends with them, also while nothing comes and while nobody reads. */
async function* guard(stream: AsyncIterable<unknown>, { grant, fail, ended }: Guard): AsyncGenerator {
  const values = stream[Symbol.asyncIterator]();
  try {
    for (;;) {
      const value = await untilAborted(values.next(), grant.signal);
      grant.check();
      if (value.done) return value.value;
      yield value.value;
    }
  } catch (error) {
    throw fail(error);
  } finally {
    if (!grant.signal.aborted) ended();
    // Not awaited: it may be waiting for something itself, and hears of the end by its signal.
    void Promise.resolve(values.return?.()).catch(fail);
  }
}
