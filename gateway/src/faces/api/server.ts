/** One HTTP server for all faces of the API: REST, streams of bytes, sockets, documentation and metrics. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import express from 'express';
import type { Express, RequestHandler } from 'express';
import { apiPrefix } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { createAuthorise } from './authorise.ts';
import type { RequestContext } from './base.ts';
import { createCallInterceptor } from './calls.ts';
import { callerOf, contextOf, requestIdOf, setContext } from './context.ts';
import { docsRoutes } from './docs.ts';
import { fileContentRoutes } from './file-content.ts';
import type { AuthoriseRequest } from './bytes.ts';
import { gitContentRoutes } from './git-content.ts';
import { createHostCheck } from './hosts.ts';
import { arrive, fail } from './http.ts';
import { jobContentRoutes } from './job-content.ts';
import { kernelSocket } from './kernel-socket.ts';
import { createMetrics } from './metrics.ts';
import { describeApi } from './openapi.ts';
import { restRoutes } from './rest.ts';
import { createRouter } from './router.ts';
import type { Domains } from './router.ts';
import type { Failures } from './errors.ts';
import { rpcSocket } from './rpc-socket.ts';
import { createSockets } from './sockets.ts';

export type ApiOptions = {
  domains: Domains;
  trustedHosts: readonly string[];
  version: string;
  /** False while the gateway is still finding out what runs. */
  isReady: () => boolean;
} & Failures;

export type ApiServer = { http: Server; [Symbol.asyncDispose](): Promise<void> };

export async function createApiServer(options: ApiOptions): Promise<ApiServer> {
  const { domains, log, noSpace } = options;
  const failures = { log, noSpace };
  const metrics = createMetrics(domains.kernels.count);
  const authorise = createAuthorise(domains.projects.roleOf);
  const interceptor = createCallInterceptor({ ...failures, metrics, authorise });
  const router = createRouter(domains, authorise);
  const enter = createEntrance(options);

  const sockets = createSockets({
    routes: [rpcSocket({ router, interceptor }), kernelSocket({ ...domains, authorise, metrics, ...failures })],
    enter,
    ...failures,
    metrics,
  });
  const revoked = domains.access.onRevoked(sockets.closeKey);

  const app = express().disable('x-powered-by').disable('etag');
  app.use(arrive(log, metrics.countRequest), checkHost(options.trustedHosts));
  app.use(docsRoutes(await describeApi(options.version)));
  app.use(async (request, response, next) => {
    setContext(response, await enter(request));
    next();
  });
  app.get('/metrics', async (_request, response) => {
    await authorise(contextOf(response).caller, { scope: 'projects:read' });
    response.type(metrics.contentType).send(await metrics.text());
  });
  const allow: AuthoriseRequest = (request, needs, project) => authorise(contextOf(request.res!).caller, needs, project);
  app.use(
    apiPrefix,
    fileContentRoutes({ files: domains.files, authorise: allow }),
    jobContentRoutes({ ...domains.jobs, authorise: allow }),
    gitContentRoutes({ git: domains.git, authorise: allow }),
  );
  app.use(restRoutes({ router, interceptor, ...failures }), fail(failures));

  const http = listenable(app, (request, raw, head) => sockets.handleUpgrade(request, raw, { head, requestId: requestIdOf(request) }));
  return {
    http,
    async [Symbol.asyncDispose]() {
      revoked[Symbol.dispose]();
      const closed = new Promise((resolve) => http.close(resolve));
      await sockets[Symbol.asyncDispose]();
      // Streams have no end of their own; a broken one is taken up again by its client.
      http.closeAllConnections();
      await closed;
    },
  };
}

function listenable(app: Express, onUpgrade: (request: IncomingMessage, raw: Socket, head: Buffer) => void): Server {
  // No limit on the time of a whole request: a large upload takes as long as it takes, and ends when no byte comes.
  const http = createServer({ requestTimeout: 0, keepAliveTimeout: 65_000 }, app);
  http.on('upgrade', (request, raw, head) => onUpgrade(request, raw as Socket, head));
  return http;
}

function checkHost(trusted: readonly string[]): RequestHandler {
  const check = createHostCheck(trusted);
  return (request, _response, next) => {
    check(request);
    next();
  };
}

/** From a raw request to who is asking, for HTTP and sockets alike. */
function createEntrance({ domains, trustedHosts, isReady }: ApiOptions): (request: IncomingMessage) => Promise<RequestContext> {
  const check = createHostCheck(trustedHosts);
  return async (request) => {
    check(request);
    if (!isReady() && request.url?.split('?')[0] !== `${apiPrefix}/health`) {
      throw new Problem('starting', 'The gateway is starting and will answer in a moment.', { retryAfter: 1 });
    }
    return { requestId: requestIdOf(request), caller: await callerOf(request, domains.access.authenticate) };
  };
}
