/** The contract over plain HTTP and JSON. */
import { OpenAPIHandler } from '@orpc/openapi/node';
import type { Router } from '@orpc/server';
import { ORPCError } from '@orpc/server';
import { BodyLimitPlugin } from '@orpc/server/node';
import type { RequestHandler } from 'express';
import { apiPrefix } from '@bine/shared';
import type { Contract } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { RequestContext } from './base.ts';
import type { CallInterceptor } from './calls.ts';
import { contextOf } from './context.ts';
import { asProblem, problemResponse, unreadable } from './errors.ts';
import type { Failures } from './errors.ts';

/** Bytes travel over plain routes; what is left are names and settings. */
const largestBody = 2 ** 20;

export type ApiRouter = Router<Contract, RequestContext>;

type RestOptions = Failures & { router: ApiRouter; interceptor: CallInterceptor };

export function restRoutes({ router, interceptor, ...failures }: RestOptions): RequestHandler {
  const handler = new OpenAPIHandler<RequestContext>(router, {
    plugins: [new BodyLimitPlugin({ maxBodySize: largestBody })],
    clientInterceptors: [interceptor],
    interceptors: [
      async ({ next, context: { requestId } }) => {
        try {
          return await next();
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
    const { matched } = await handler.handle(request, response, { prefix: apiPrefix, context: contextOf(response) });
    if (!matched) next(new Problem('not-found', `There is no ${request.method} ${request.path}. What there is stands at /docs.`));
  };
}
