/** What every HTTP request passes on its way in, and every failure on its way out. */
import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Log } from '../../lib/log.ts';
import { requestIdOf } from './context.ts';
import { asProblem, sendProblem } from './errors.ts';
import type { Failures } from './errors.ts';

const securityHeaders = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

export function arrive(log: Log, count: (method: string, status: number) => void): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    const requestId = requestIdOf(request);
    response.set({ ...securityHeaders, 'X-Request-Id': requestId });
    response.once('close', () => {
      const { method, path } = request;
      const ms = Math.round(performance.now() - started);
      count(method, response.statusCode);
      log.info({ requestId, method, path, status: response.statusCode, ms, ...(!response.writableFinished && { cut: true }) }, 'request');
    });
    next();
  };
}

/** The one place where a failed HTTP request becomes an answer. */
export function fail(failures: Failures): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, _next) => {
    const requestId = requestIdOf(request);
    const problem = asProblem(error, { requestId, ...failures });
    // Once bytes are under way, only a cut connection says that something is missing.
    response.locals['outcome'] = problem.code;
    if (response.headersSent) response.destroy();
    else sendProblem(response, problem, requestId);
  };
}
