/** Every error a user can meet, in one table. A face turns a code into its own status; nothing else invents statuses. */
export const problems = {
  'bad-request': { status: 400, title: 'The request could not be read' },
  'no-key': { status: 401, title: 'An API key is needed' },
  'bad-key': { status: 401, title: 'The API key is not valid' },
  'missing-scope': { status: 403, title: 'The API key lacks a scope' },
  'missing-role': { status: 403, title: 'Your role in the project does not allow this' },
  'foreign-host': { status: 403, title: 'The request did not come through a trusted name' },
  'not-found': { status: 404, title: 'Not found' },
  'path-refused': { status: 403, title: 'The path is outside the project or not a regular file' },
  'bad-method': { status: 405, title: 'The address does not know this method' },
  'too-slow': { status: 408, title: 'The request came too slowly' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  'already-exists': { status: 409, title: 'It exists already' },
  'too-many': { status: 429, title: 'Too many at once' },
  conflict: { status: 409, title: 'It is not in a state that allows this' },
  changed: { status: 412, title: 'The file was changed by someone else' },
  'too-large': { status: 413, title: 'Too large' },
  'limit-reached': { status: 409, title: 'The project has reached a limit' },
  'no-capacity': { status: 503, title: 'The machine has no free capacity for it at the moment' },
  'quota-exceeded': { status: 507, title: 'The project is over its disk quota' },
  'conflict-markers': { status: 409, title: 'Conflict markers are left' },
  'identity-needed': { status: 409, title: 'Git needs to know who commits' },
  'git-locked': { status: 409, title: 'Another Git process holds a lock' },
  'push-rejected': { status: 409, title: 'The server has commits that you do not have' },
  'bad-range': { status: 416, title: 'The range is outside the file' },
  invalid: { status: 422, title: 'Some fields are not valid' },
  'build-failed': { status: 424, title: 'The environment could not be built' },
  'git-failed': { status: 424, title: 'Git could not do it' },
  'credential-needed': { status: 424, title: 'The Git server did not accept the token' },
  cancelled: { status: 499, title: 'Cancelled' },
  internal: { status: 500, title: 'Internal error' },
  'engine-unavailable': { status: 503, title: 'The container engine does not answer' },
  'index-unavailable': { status: 503, title: 'The package index does not answer' },
  'git-unavailable': { status: 503, title: 'Git cannot be run' },
  starting: { status: 503, title: 'The gateway is starting' },
  timeout: { status: 504, title: 'It took too long' },
  'no-space': { status: 507, title: 'The disk is full' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

/** One field that was not accepted: `field` is a dotted path into the input. */
export type FieldProblem = { field: string; problem: string };

/** What goes over the wire for every error (RFC 9457, `application/problem+json`). */
export type ProblemBody = {
  type: string;
  title: string;
  status: number;
  code: ProblemCode;
  detail: string;
  fields?: FieldProblem[];
  requestId?: string;
};

type ProblemExtras = { cause?: unknown; fields?: FieldProblem[]; retryAfter?: number; allow?: string[] };

/**
 * The one error that domains throw. `detail` is a sentence for the user: what was wrong, with which value, and what to
 * do. `retryAfter` is in seconds, `allow` are the methods that an address knows.
 */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly fields: FieldProblem[] | undefined;
  readonly retryAfter: number | undefined;
  readonly allow: string[] | undefined;

  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.name = 'Problem';
    this.code = code;
    this.fields = extras.fields;
    this.retryAfter = extras.retryAfter;
    this.allow = extras.allow;
  }
}

/** The wire shape of a problem, as RFC 9457 describes it. */
export function problemBody(problem: Problem, requestId?: string): ProblemBody {
  const { status, title } = problems[problem.code];
  return {
    type: `urn:bine:problem:${problem.code}`,
    title,
    status,
    code: problem.code,
    detail: problem.message,
    ...(problem.fields && { fields: problem.fields }),
    ...(requestId && { requestId }),
  };
}

/**
 * The problem that an error of a client carries, however it came: as the error of a call over the socket or over REST,
 * or as the parsed body of a plain route. Null: the error did not come from the gateway (it cannot be reached, say).
 */
export function problemFrom(error: unknown): Problem | null {
  if (error instanceof Problem) return error;
  const data = (error as { data?: unknown } | null)?.data;
  const body = [error, data, (data as { body?: unknown } | null | undefined)?.body].find(isProblemBody);
  if (!body) return null;
  return new Problem(body.code, body.detail, { cause: error, ...(body.fields && { fields: body.fields }) });
}

function isProblemBody(value: unknown): value is ProblemBody {
  const { code, detail } = (value ?? {}) as Partial<ProblemBody>;
  return typeof code === 'string' && code in problems && typeof detail === 'string';
}
