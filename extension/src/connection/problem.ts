/** Turns whatever a call to the gateway may throw into a `Problem`, so that every room handles one kind of error. */
import { Problem, type ProblemCode, problemFrom, problems } from '@bine/shared/problems';
import { ORPCError } from '@orpc/client';

function codeOfStatus(status: number): ProblemCode {
  const found = Object.entries(problems).find(([, problem]) => problem.status === status);
  return (found?.[0] as ProblemCode | undefined) ?? (status >= 500 ? 'internal' : 'bad-request');
}

export function toProblem(error: unknown): Problem {
  const known = problemFrom(error);
  if (known) return known;
  if (error instanceof ORPCError) return new Problem(codeOfStatus(error.status), error.message, { cause: error });
  if (error instanceof Error && error.name === 'AbortError') return new Problem('cancelled', 'Cancelled.', { cause: error });
  return new Problem('internal', error instanceof Error ? error.message : String(error), { cause: error });
}

/** The problem in an HTTP answer that is not ok, also when something between here and the gateway wrote it. */
export function problemOfResponse(status: number, text: string): Problem {
  return problemFrom(parsed(text)) ?? new Problem(codeOfStatus(status), `The gateway answered with status ${status}.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A proxy's page, or an empty body: the status has to do.
    return null;
  }
}

/** The gateway could not be reached in time. */
export function unreachable(address: string | null, cause?: unknown): Problem {
  const where = address ? `The gateway at ${address} does not answer` : 'No gateway is known';
  return new Problem('timeout', `${where}. Start it with "bine up", or sign in to another one.`, { cause });
}
