/** Turns whatever was thrown into a problem, and a problem into what goes over the wire. Stacks go into the log only. */
import type { ServerResponse } from 'node:http';
import { ORPCError, ValidationError } from '@orpc/server';
import { Problem, problemBody, problems } from '@bine/shared/problems';
import type { FieldProblem } from '@bine/shared/problems';
import { isNoSpace } from '../../lib/no-space.ts';
import type { Log } from '../../lib/log.ts';

/** `noSpace` says of a failure for want of room which disk that is. */
export type Failures = { log: Log; noSpace: (cause: unknown) => Problem };
type Where = Failures & { requestId: string };

/** Anything but a problem is a mistake of ours; it is logged here, once. */
export function asProblem(error: unknown, { requestId, log, noSpace }: Where): Problem {
  const known = withRoom(error, noSpace) ?? knownProblem(error);
  if (known) {
    if (problems[known.code].status >= 500) log.warn({ requestId, code: known.code, err: error }, known.message);
    return known;
  }
  log.error({ requestId, err: error }, 'unexpected error');
  return new Problem('internal', `Something went wrong inside the gateway. Its log says more under the request id ${requestId}.`, {
    cause: error,
  });
}

/** Of a failure for want of room that nobody has put into words yet, or not with the figures. Null: it is of another kind. */
function withRoom(error: unknown, noSpace: Failures['noSpace']): Problem | null {
  if (error instanceof ORPCError) return null;
  return isNoSpace(error) ? noSpace(error) : null;
}

function knownProblem(error: unknown): Problem | null {
  if (error instanceof Problem) return error;
  if (error instanceof ORPCError) return fromFramework(error);
  const { name, status } = error as { name?: string; status?: number };
  if (name === 'AbortError') return new Problem('cancelled', 'The client went away.', { cause: error });
  // Express, of a URL that cannot be decoded.
  if (status === 400) return new Problem('bad-request', 'The address of the request cannot be read.', { cause: error });
  return null;
}

function fromFramework(error: ORPCError<string, unknown>): Problem | null {
  if (error.cause instanceof Problem) return error.cause;
  if (error.code === 'PAYLOAD_TOO_LARGE') return new Problem('too-large', 'The body may have 1 MiB. Upload files to files/content.');
  if (error.code !== 'BAD_REQUEST') return null;
  if (!(error.cause instanceof ValidationError)) return unreadable(error);
  return invalid(error.cause.issues);
}

/** What a schema found wrong, with each field by its name. */
export function invalid(issues: readonly Issue[]): Problem {
  const fields = issues.flatMap(fieldProblems);
  return new Problem('invalid', fields.map(({ field, problem }) => `${field}: ${problem}`).join('; '), { fields });
}

export function unreadable(cause: unknown): Problem {
  return new Problem('bad-request', 'The body of the request cannot be read. It must be JSON, and its Content-Type must say so.', {
    cause,
  });
}

type Issue = ValidationError['issues'][number] & { code?: string; keys?: readonly string[] };

function fieldProblems(issue: Issue): FieldProblem[] {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  if (issue.code !== 'unrecognized_keys') return [{ field: path.join('.') || 'input', problem: issue.message }];
  return (issue.keys ?? []).map((key) => ({ field: [...path, key].join('.'), problem: 'there is no such field' }));
}

/** The problem as an error of the framework, which a client finds again with `problemFrom`. */
export function asFrameworkError(problem: Problem, requestId: string): ORPCError<string, unknown> {
  const { status } = problems[problem.code];
  return new ORPCError(problem.code, { status, message: problem.message, data: problemBody(problem, requestId), cause: problem });
}

export type ProblemResponse = { status: number; headers: Record<string, string>; text: string };

export function problemResponse(problem: Problem, requestId: string): ProblemResponse {
  const body = problemBody(problem, requestId);
  return {
    status: body.status,
    headers: {
      'content-type': 'application/problem+json',
      ...(body.status === 401 && { 'www-authenticate': 'Bearer' }),
      ...(problem.allow && { allow: problem.allow.join(', ') }),
      ...(problem.retryAfter !== undefined && { 'retry-after': String(problem.retryAfter) }),
    },
    text: JSON.stringify(body),
  };
}

export function sendProblem(response: ServerResponse, problem: Problem, requestId: string): void {
  const { status, headers, text } = problemResponse(problem, requestId);
  response.writeHead(status, headers).end(text);
}
