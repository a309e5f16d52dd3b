/** A command of Git as data: what to run, and how to read the answer. */

export type Operation<T> = {
  /** Completes "could not …" in an error. */
  what: string;
  /** From Git's subcommand on. Nothing of a user's that could be taken for an option or for magic. */
  arguments: string[];
  input?: string;
  /** Changes nothing, and takes no lock. */
  reads?: true;
  /** Reads or changes the repository's own file of configuration, and looks at no content of files. */
  configures?: true;
  environment?: Record<string, string>;
  /** Milliseconds. */
  deadline?: number;
  /** Bytes of output; more is cut off, which the parser is told. */
  most?: number;
  /** Exit codes that are no failure besides 0. */
  otherwise?: readonly number[];
  parse: (answer: Answer) => T;
};

export type Answer = { code: number; stdout: Buffer; text: string; stderr: string; cut: boolean };

export const nothing = (): void => undefined;

/** Paths by standard input: no name is an option, a pattern, or too much for a command line. */
export const fromInput = ['--pathspec-from-file=-', '--pathspec-file-nul'];
/** @param paths in the repository; '' is all of it */
export const pathInput = (paths: readonly string[]): string => paths.map((path) => path || '.').join('\0');

/** Of text that ends each field with a NUL, the records of `width` fields. What was cut off in the middle is dropped. */
export function records(text: string, width: number): string[][] {
  const fields = text.split('\0');
  fields.pop();
  const found: string[][] = [];
  for (let at = 0; at + width <= fields.length; at += width) {
    // Git ends a record with a line break of its own.
    found.push(fields.slice(at, at + width).map((field, index) => (index === 0 ? field.replace(/^\n/, '') : field)));
  }
  return found;
}
