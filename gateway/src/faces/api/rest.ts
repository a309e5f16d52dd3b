/** The contract over plain HTTP and JSON. */
import { OpenAPIHandler } from '@orpc/openapi/node';
import type { Router } from '@orpc/server';
import { ORPCError } from '@orpc/server';
import { BodyLimitPlugin } from '@orpc/server/node';
import type { Request, RequestHandler } from 'express';
import { apiPrefix } from '@bine/shared';
import type { Contract } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { RequestContext } from './base.ts';
import { endWhenIdle } from './bytes.ts';
import type { CallInterceptor } from './calls.ts';
import { contextOf } from './context.ts';
import { asProblem, problemResponse, unreadable } from './errors.ts';
import type { Failures } from './errors.ts';
import type { Grant, Grants } from './grants.ts';
import type { KnownMethods } from './known-methods.ts';

/** Bytes travel over plain routes; what is left are names and settings. */
const largestBody = 2 ** 20;
/** Milliseconds, without a byte and all together. */
const mostIdleMs = 20_000;
const longestBodyMs = 60_000;

export type ApiRouter = Router<Contract, RequestContext>;

type RestOptions = Failures & { router: ApiRouter; interceptor: CallInterceptor; grants: Grants; knownMethods: KnownMethods };

export function restRoutes({ router, interceptor, grants, knownMethods, ...failures }: RestOptions): RequestHandler {
  const handler = new OpenAPIHandler<RequestContext>(router, {
    plugins: [new BodyLimitPlugin({ maxBodySize: largestBody })],
    clientInterceptors: [interceptor],
    interceptors: [
      async ({ next, request, ...given }) => {
        const { requestId } = given.context;
        try {
          return await next({ ...given, request: { ...request, body: async () => fieldsIn(await request.body()) } });
        } catch (error) {
          // What is not from the framework came up while it read the request.
          const problem = error instanceof ORPCError ? asProblem(error, { requestId, ...failures }) : unreadable(error);
          const { status, headers, text } = problemResponse(problem, requestId);
          // As a stream: of anything else the framework decides the type.
          return { matched: true, response: { status, headers, body: new Blob([text]).stream() } };
        }
      },
    ],
  });

  return async (request, response, next) => {
    const cut = () => {
      if (!response.writableFinished) response.destroy();
    };
    await limitBody(request, () => grants.open(contextOf(response).caller, 'key'));
    const { matched } = await handler.handle(request, response, { prefix: apiPrefix, context: { ...contextOf(response), cut } });
    if (!matched) next(unknown(request, knownMethods(request.path)));
  };
}

/** The framework would take anything but an object for no fields at all. @throws Problem */
function fieldsIn(body: unknown): unknown {
  const isObject = typeof body === 'object' && body !== null && Object.getPrototypeOf(body) === Object.prototype;
  if (body === undefined || isObject) return body;
  throw new Problem('bad-request', 'The body of the request must be a JSON object, and its Content-Type must say that it is JSON.');
}

/** Names and settings are sent at once: a client that sends them slowly, or whose key ends meanwhile, is disconnected. */
async function limitBody(request: Request, open: () => Promise<Grant>): Promise<void> {
  if (request.complete || request.method === 'GET') return;
  endWhenIdle(request, mostIdleMs);
  const timer = setTimeout(() => request.destroy(), longestBodyMs).unref();
  const limits = new DisposableStack();
  limits.defer(() => clearTimeout(timer));
  for (const event of ['end', 'close'] as const) request.once(event, () => limits.dispose());
  // Who is refused here is refused again by the call, which records it.
  const grant = await open().catch(ignoreProblem);
  if (!grant) return;
  if (limits.disposed) grant[Symbol.dispose]();
  else limits.use(grant);
  grant.signal.addEventListener('abort', () => request.destroy(), { once: true });
}

function ignoreProblem(error: unknown): null {
  if (error instanceof Problem) return null;
  throw error;
}

function unknown({ method, path }: Request, allow: string[]): Problem {
  if (allow.length === 0) return new Problem('not-found', `There is no ${method} ${path}. See /docs for the available endpoints.`);
  return new Problem('bad-method', `${path} does not know ${method}, but ${allow.join(', ')}.`, { allow });
}
