/** A file of lines that only grows, in segments: older ones are deleted by their number and age. */
export type AuditLog = {
  /** Written when it returns, wholly or not at all. @throws when it cannot be written */
  append(line: string): void;
  /** The newest segment first, each with its lines from the oldest on. */
  segments(): AsyncIterable<AsyncIterable<string>>;
  [Symbol.dispose](): void;
};
