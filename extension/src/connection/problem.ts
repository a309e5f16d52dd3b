/** Turns whatever a call to the gateway may throw into a `Problem`, so that every room handles one kind of error. */
import { Problem, type ProblemBody, type ProblemCode, problems } from '@bine/shared/problems';
import { ORPCError } from '@orpc/client';

function isCode(code: unknown): code is ProblemCode {
  return typeof code === 'string' && Object.hasOwn(problems, code);
}

function codeOfStatus(status: number): ProblemCode {
  const found = Object.entries(problems).find(([, problem]) => problem.status === status);
  return (found?.[0] as ProblemCode | undefined) ?? (status >= 500 ? 'internal' : 'bad-request');
}

export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof ORPCError) {
    const body = error.data as Partial<ProblemBody> | undefined;
    const code = [body?.code, error.code].find(isCode) ?? codeOfStatus(error.status);
    return new Problem(code, body?.detail ?? error.message, { cause: error, ...(body?.fields && { fields: body.fields }) });
  }
  if (error instanceof Error && error.name === 'AbortError') return new Problem('cancelled', 'Cancelled.', { cause: error });
  return new Problem('internal', error instanceof Error ? error.message : String(error), { cause: error });
}

/** The problem in an HTTP answer that is not ok, also when something between here and the gateway wrote it. */
export function problemOfResponse(status: number, text: string): Problem {
  try {
    const body = JSON.parse(text) as Partial<ProblemBody>;
    if (isCode(body.code)) return new Problem(body.code, body.detail ?? problems[body.code].title, body.fields && { fields: body.fields });
  } catch {
    // Not ours: a proxy's page, or an empty body. The status has to do.
  }
  return new Problem(codeOfStatus(status), `The gateway answered with status ${status}.`);
}

/** The gateway could not be reached in time. */
export function unreachable(address: string | null, cause?: unknown): Problem {
  const where = address ? `The gateway at ${address} does not answer` : 'No gateway is known';
  return new Problem('timeout', `${where}. Start it with "bine up", or sign in to another one.`, { cause });
}
