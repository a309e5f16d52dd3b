/** A command of Git as data: what to run, and how to read the answer. Domains get them from `GitCommands` and have them run. */

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
  /** @throws Problem where the answer is a failure although the exit code is none */
  parse: (answer: Answer) => T;
};

/** `text`: all of `stdout` as UTF-8. `cut`: there was more of it. */
export type Answer = { code: number; stdout: Buffer; text: string; stderr: string; cut: boolean };
