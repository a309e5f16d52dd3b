/**
 * What an execution's runner is told, and what it tells; images/supervisor/README.md has its files. What it tells is checked: a program in the
 * container can write in its place. `directory`, wherever it stands, is the execution's `bine` folder, absolute, on the host, as the way to the
 * runner; a reference that says nothing of a host is to take its place.
 */
import type { LogLine, Usage } from '@bine/shared';
import type { Changes } from '../lib/changes.ts';

/** What the runner is told. */
export type RunnerSpec = {
  kind: 'python' | 'notebook';
  python: string;
  /** Absolute, in the container. */
  path: string;
  cwd: string;
  arguments: string[];
  parameters: Record<string, unknown>;
  /** Seconds. */
  timeout: number | null;
  /** Absolute, in the container. */
  executed: string | null;
  /** Bytes that the log may take. */
  quota: number;
  /** What its log begins with. */
  warnings: string[];
};

/** How the program ended. */
export type RunnerEnd = {
  /** Why it was ended. null: it ended by itself. */
  reason: 'stopped' | 'timed-out' | null;
  exitCode: number;
  /** Name of the signal that ended it. */
  signal: string | null;
  outOfMemory: boolean;
  error: string | null;
  /** Of a notebook, the number of the cell that `error` tells of. */
  cell: number | null;
  warnings: string[];
  /** Seconds since 1970. */
  started: number;
  /** Seconds since 1970. */
  ended: number;
  /** The seq of its log's last line. */
  lines: number;
};

/** Of a notebook, how many of its cells are done. */
export type RunnerProgress = { done: number; total: number };

/** `after`: the seq of the log's last line. */
export type Note = { after: number; text: string };

export type FollowLog = {
  directory: string;
  /** The seq that was seen last. */
  after: number;
  /** Rings when there may be more. */
  changes: Changes;
  /** True once nothing will be written any more. */
  ended: () => boolean;
  signal: AbortSignal;
};

export type Runner = {
  /** null: it has not ended, or its runner did not live to say how. */
  readEnd(directory: string): Promise<RunnerEnd | null>;
  /** null: it is no notebook, or has not begun. */
  readProgress(directory: string): Promise<RunnerProgress | null>;
  /** From the first sample on. */
  readUsage(directory: string): Promise<Usage[]>;
  /** @param onChange called when something of its log, or something else, may have changed. @throws where there is no such folder */
  watchFolder(directory: string, onChange: (what: 'log' | 'state') => void): Disposable;
  /** A word of ours behind the log of a runner that has ended. Once: what is there already stays. */
  addNote(directory: string, note: Note): Promise<void>;
  /** First what is there, then what comes, until it has ended. */
  followLog(follow: FollowLog): AsyncIterable<LogLine>;
};
