/** One HTTP server for all faces of the API: REST, streams of bytes, sockets, documentation and metrics. */
import type { IncomingMessage, Server } from 'node:http';
import express from 'express';
import type { RequestHandler, Response } from 'express';
import { apiPrefix } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { Audit } from '../../domains/audit/audit.ts';
import type { TlsSource } from '../../ports/tls.ts';
import { createAuthorise } from './authorise.ts';
import { recordCall } from './audited.ts';
import type { RequestContext } from './base.ts';
import type { AuthoriseRequest } from './bytes.ts';
import { createCallInterceptor } from './calls.ts';
import { callerOf, contextOf, requestIdOf, setContext } from './context.ts';
import { docsRoutes } from './docs.ts';
import { fileContentRoutes } from './file-content.ts';
import { gitContentRoutes } from './git-content.ts';
import { createGrants } from './grants.ts';
import type { Grants } from './grants.ts';
import { createHostCheck } from './hosts.ts';
import { arrive, fail } from './http.ts';
import { jobContentRoutes } from './job-content.ts';
import { kernelSocket } from './kernel-socket.ts';
import { createKnownMethods } from './known-methods.ts';
import { createListener } from './listener.ts';
import { createMetrics } from './metrics.ts';
import { describeApi } from './openapi.ts';
import { restRoutes } from './rest.ts';
import { createRouter } from './router.ts';
import type { Domains } from './router.ts';
import type { Failures } from './errors.ts';
import { rpcSocket } from './rpc-socket.ts';
import { createSockets } from './sockets.ts';
import { refuseStrangers } from './strangers.ts';

export type ApiOptions = {
  domains: Domains;
  trustedHosts: readonly string[];
  version: string;
  /** Null: plain HTTP. */
  tls: TlsSource | null;
  /** False while the gateway is still finding out what runs. */
  isReady: () => boolean;
} & Failures;

export type ApiServer = { http: Server; [Symbol.asyncDispose](): Promise<void> };

export async function createApiServer(options: ApiOptions): Promise<ApiServer> {
  const { domains, log, noSpace, tls } = options;
  const failures = { log, noSpace };
  const { access, projects, audit } = domains;
  const metrics = createMetrics(domains.kernels.count);
  const authorise = createAuthorise({ current: access.current, roleOf: projects.roleOf });
  const grants = createGrants({ ...access, ...projects, authorise });
  const interceptor = createCallInterceptor({ ...failures, metrics, grants, audit });
  const router = createRouter(domains);
  const enter = createEntrance(options, (request, user) => listener.admit(request, user));
  const document = await describeApi(options.version);

  const sockets = createSockets({
    routes: [rpcSocket({ router, interceptor }), kernelSocket({ ...domains, authorise, grants, metrics, ...failures })],
    enter,
    grants,
    audit,
    ...failures,
    metrics,
  });

  const app = express().disable('x-powered-by').disable('etag');
  app.use(arrive(log, metrics.countRequest), checkHost(options.trustedHosts));
  app.use(docsRoutes(document));
  app.use(async (request, response, next) => {
    setContext(response, await enter(request));
    next();
  });
  app.use(refuseStrangers(audit));
  app.get('/metrics', async (_request, response) => {
    await authorise(contextOf(response).caller, { scope: 'projects:read' });
    response.type(metrics.contentType).send(await metrics.text());
  });
  const allow = createAllow(grants, audit);
  app.use(
    apiPrefix,
    fileContentRoutes({ files: domains.files, authorise: allow }),
    jobContentRoutes({ ...domains.jobs, authorise: allow }),
    gitContentRoutes({ git: domains.git, authorise: allow }),
  );
  app.use(restRoutes({ router, interceptor, grants, ...failures, knownMethods: createKnownMethods(document) }), fail(failures));

  const listener = createListener({
    app,
    onUpgrade: (request, raw, head) => sockets.handleUpgrade(request, raw, { head, requestId: requestIdOf(request) }),
    tls,
  });
  const { http } = listener;
  return {
    http,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => http.close(resolve));
      await sockets[Symbol.asyncDispose]();
      await grants[Symbol.asyncDispose]();
      // Streams have no end of their own; a broken one is taken up again by its client.
      http.closeAllConnections();
      await closed;
    },
  };
}

function checkHost(trusted: readonly string[]): RequestHandler {
  const check = createHostCheck(trusted);
  return (request, _response, next) => {
    check(request);
    next();
  };
}

/** From a raw request to who is asking, for HTTP and sockets alike. */
function createEntrance(
  { domains, trustedHosts, isReady }: ApiOptions,
  admit: (request: IncomingMessage, user: string) => void,
): (request: IncomingMessage) => Promise<RequestContext> {
  const check = createHostCheck(trustedHosts);
  return async (request) => {
    check(request);
    if (!isReady() && request.url?.split('?')[0] !== `${apiPrefix}/health`) {
      throw new Problem('starting', 'The gateway is starting and will answer in a moment.', { retryAfter: 1 });
    }
    const caller = await callerOf(request, domains.access.authenticate);
    if (!(caller instanceof Problem)) admit(request, caller.user);
    return { requestId: requestIdOf(request), caller, address: request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? null };
  };
}

/** For the routes that stream bytes: what `calls.ts` is for procedures. */
function createAllow(grants: Grants, audit: Pick<Audit, 'record'>): AuthoriseRequest {
  return async (request, { name, needs }, project) => {
    const response = request.res!;
    const context = contextOf(response);
    const input = { project, ...request.params, ...request.query };
    const record = (outcome: string) => recordCall(audit, { context, procedure: name, input, outcome });
    const grant = await grants.open(context.caller, needs, project).catch((error: unknown) => {
      if (error instanceof Problem) record(error.code);
      throw error;
    });
    // A reader that reads nothing would not notice anything less.
    grant.signal.addEventListener('abort', () => request.socket.destroy(), { once: true });
    response.once('close', () => {
      grant[Symbol.dispose]();
      if (grant.signal.aborted) record('bad-key');
      else if (request.method !== 'GET' && request.method !== 'HEAD') record(outcomeOf(response));
    });
  };
}

function outcomeOf(response: Response): string {
  if (!response.writableFinished) return 'cancelled';
  return String(response.locals['outcome'] ?? 'ok');
}
