/** The log of each environment's last build, kept until the next one begins, and of each change. */
import type { BuildLine } from '@bine/shared';

export type BuildLogWriter = {
  /** In the order of the calls. A failure shows when it is closed. */
  write(line: BuildLine): void;
  /** Resolves when all is on the disk. */
  close(): Promise<void>;
};

/** @param environment in each call: the name of a bundled environment, or the id of a change */
export type BuildLogs = {
  /** Begins a new log in place of the last one. Who still reads that one reads it to its end. */
  begin(environment: string): Promise<BuildLogWriter>;
  /** From the first line, then live until it ends. null: there is none. */
  read(environment: string, signal: AbortSignal): Promise<AsyncIterable<BuildLine> | null>;
  /** The last line. null: there is none. */
  last(environment: string): Promise<BuildLine | null>;
  /** Ends the log of a build whose gateway died. */
  end(environment: string, line: BuildLine): Promise<void>;
  remove(environment: string): Promise<void>;
};
