/**
 * Which cells of a notebook that was just opened show less than the kernel's log knows, and from where it has to be read.
 * A cell is rebuilt from its first record on, so it makes no difference how much of it the file has.
 */
import type { Execution } from '@bine/shared';

export type Rebuild = {
  /** Read what follows this record. */
  since: number;
  /** Executions whose outputs are to be shown. */
  shown: ReadonlySet<string>;
};

/** What ended so shortly before the file was written may have been too late for it. Milliseconds. */
const margin = 5_000;

type Options = {
  /** Ids of the notebook's cells; what ran in others is nobody's. */
  cells: ReadonlySet<string>;
  /** When the file was written, milliseconds since 1970. */
  saved: number;
};

/** null: the file has everything. */
export function planRebuild(executions: readonly Execution[], { cells, saved }: Options): Rebuild | null {
  const open = latestOf(executions, cells).filter(({ ended }) => ended === null || isUnsaved(Date.parse(ended), saved));
  return from(open);
}

/** For the rare display that was updated from another cell: all that the log has of the latest executions. */
export function planWideRebuild(executions: readonly Execution[], { cells }: Options): Rebuild | null {
  return from(latestOf(executions, cells));
}

/** Whether what happened then may be missing in the file. */
export function isUnsaved(time: number, saved: number): boolean {
  return time >= saved - margin;
}

function latestOf(executions: readonly Execution[], cells: ReadonlySet<string>): Execution[] {
  const latest = new Map<string, Execution>();
  for (const execution of executions) {
    // What was aborted before it began left its cell as it was.
    const never = execution.ended !== null && execution.started === null;
    if (execution.cell !== null && cells.has(execution.cell) && !never) latest.set(execution.cell, execution);
  }
  return [...latest.values()];
}

function from(executions: readonly Execution[]): Rebuild | null {
  if (executions.length === 0) return null;
  return {
    since: Math.min(...executions.map(({ first }) => first)) - 1,
    shown: new Set(executions.map(({ id }) => id)),
  };
}
