/** Everything that an error stands for: its cause, and both errors where disposal failed after a failure. */
export function causesOf(error: unknown): string[] {
  if (error instanceof SuppressedError) return [...causesOf(error.suppressed), ...causesOf(error.error)];
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.flatMap(causesOf);
  if (!(error instanceof Error)) return [String(error)];
  return [error.stack ?? error.message, ...(error.cause === undefined ? [] : causesOf(error.cause))];
}
