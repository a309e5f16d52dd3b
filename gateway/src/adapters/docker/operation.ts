/** A call of the engine's API as data: what to send, and how to read the answer. */
export type Operation<T> = {
  /** Completes "could not …" in an error. */
  what: string;
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  query?: Record<string, unknown>;
  body?: Record<string, unknown>;
  /** The request's body instead, a tar archive. */
  upload?: NodeJS.ReadableStream;
  /** Milliseconds; the default suits what the engine answers from memory. */
  deadline?: number;
  /** Answers that are no failure, by HTTP status, besides those below 300. */
  otherwise?: Partial<Record<number, () => T>>;
  parse: (answer: unknown) => T;
};

/** A call whose answer is read while it arrives. It has no deadline of its own: the caller's signal ends it. */
export type StreamOperation = Omit<Operation<never>, 'deadline' | 'parse' | 'otherwise'> & {
  /** The connection is no HTTP after the answer's head, and goes in both directions. */
  hijack?: boolean;
};

/** What is read from an answer of the engine, whose shape we do not control: a record, or an empty one. */
export function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function labels(value: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(fields(value)).map(([name, label]) => [name, text(label)]));
}

/** The engine's filter syntax for labels: `{label: ['a=1', 'b']}`. An empty value asks only that the label exists. */
export function labelFilter(wanted: Record<string, string>): { label: string[] } {
  return { label: Object.entries(wanted).map(([name, value]) => (value === '' ? name : `${name}=${value}`)) };
}
