/**
 * Reads a kernel's log and knows what became of every cell that was handed to it. The log is the only source: who sent a
 * request, and when this window was opened, makes no difference to what a cell shows.
 */
import type { Execution } from '@bine/shared';
import type { KernelRecord, SupervisorContent } from '@bine/shared/kernel-wire';
import { createDisplays } from './displays.ts';
import { bundle, metadata, record, text } from './content.ts';
import { type Run, createRun, endRun, leaveOut, readMessage, startRun } from './run.ts';

export type Runs = {
  /** In the order of the log. */
  read(record: KernelRecord): void;
  /** What the gateway knows of executions whose records may have been dropped. */
  know(executions: readonly Execution[]): void;
  /** Ends what is known to have ended although the records that say so are gone. `seen`: the last record read. */
  settle(seen: number): void;
  /** Ends whatever has not: the kernel and its log are gone. */
  abandon(): void;
  /** The latest run of each cell. */
  readonly latest: ReadonlyMap<string, Run>;
  readonly busy: boolean;
  /** Latest runs of which something was said since the last call, and those that were aborted before they began. */
  takeChanged(): Run[];
  /** Whether a display was updated that was not read: it is further back in the log. */
  readonly missedDisplay: boolean;
};

export function createRuns(): Runs {
  const runs = new Map<string, Run>();
  const latest = new Map<string, Run>();
  const displays = createDisplays();
  const known = new Map<string, Execution>();
  const changed = new Set<Run>();
  /** What a cell shows until the run that waits has begun. */
  const before = new Map<Run, Run>();
  let missedDisplay = false;

  function touch(run: Run): void {
    if (run.state !== 'queued') succeed(run, run.started !== null);
    if (latest.get(run.cell) === run || run.started === null) changed.add(run);
    else if (run.state === 'ended') runs.delete(run.id);
  }

  /** It has begun, or never will: then its cell goes on showing what it showed. */
  function succeed(run: Run, begun: boolean): void {
    const old = before.get(run);
    before.delete(run);
    if (old && begun) {
      changed.delete(old);
      displays.forget(old);
      if (old.state === 'ended') runs.delete(old.id);
    } else if (!begun && latest.get(run.cell) === run) {
      if (old) latest.set(run.cell, old);
      else latest.delete(run.cell);
      runs.delete(run.id);
    }
  }

  function begin(id: string, cell: string): void {
    if (runs.has(id)) return;
    const run = createRun(id, cell);
    const old = latest.get(cell);
    if (old) before.set(run, old);
    runs.set(id, run);
    latest.set(cell, run);
    touch(run);
  }

  function updateDisplay({ content, time }: KernelRecord): void {
    const updated = displays.update(
      text(record(content['transient'])['display_id']),
      bundle(content['data']),
      metadata(content['metadata']),
    );
    if (!updated) missedDisplay = true;
    for (const run of updated ?? []) {
      run.touched = time / 1000;
      touch(run);
    }
  }

  /** What the supervisor says of the kernel, as far as it concerns what runs. */
  function readOwn(type: string, content: Record<string, unknown>): void {
    for (const run of runs.values()) {
      if (type === 'gap' && run.state === 'running') leaveOut(run, content as SupervisorContent['gap']);
      else if (type === 'answered' && run.question?.header.msg_id === (content as SupervisorContent['answered']).request)
        run.question = null;
      else continue;
      touch(run);
    }
  }

  return {
    read(record) {
      const { channel, header, parent_header: parent, metadata: given, content } = record;
      if (channel === 'supervisor') return readOwn(header.msg_type, content);
      if (header.msg_type === 'execute_request') {
        if (typeof given['cellId'] === 'string' && content['silent'] !== true) begin(header.msg_id, given['cellId']);
        return;
      }
      if (header.msg_type === 'update_display_data') updateDisplay(record);
      const run = runs.get(parent.msg_id ?? '');
      if (!run) return;
      readMessage(run, record, (output) => displays.add(output, run));
      touch(run);
    },
    know(executions) {
      for (const execution of executions) {
        if (execution.cell === null) continue;
        known.set(execution.id, execution);
        begin(execution.id, execution.cell);
      }
    },
    settle(seen) {
      for (const run of runs.values()) {
        const execution = known.get(run.id);
        if (run.state === 'ended' || !execution?.ended || execution.last === null || execution.last > seen) continue;
        if (execution.started) startRun(run, Date.parse(execution.started));
        run.count ??= execution.count;
        run.success ??= { succeeded: true, failed: false }[execution.state as string] ?? null;
        endRun(run, Date.parse(execution.ended));
        touch(run);
      }
      known.clear();
    },
    abandon() {
      for (const run of runs.values()) {
        endRun(run, null);
        touch(run);
      }
    },
    latest,
    get busy() {
      return [...runs.values()].some((run) => run.state === 'running');
    },
    takeChanged() {
      const all = [...changed];
      changed.clear();
      return all;
    },
    get missedDisplay() {
      return missedDisplay;
    },
  };
}
