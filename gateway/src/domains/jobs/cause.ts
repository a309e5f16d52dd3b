/** What became of an execution, from what its runner wrote or from how its workload ended. */
import type { RunnerEnd } from '../../ports/job-agent.ts';
import type { ExecutionRecord } from '../../ports/state/executions.ts';
import type { EndReason } from '../../ports/compute.ts';
import { describeEnd, exitCodeOf } from '../compute/end-reason.ts';

export type Outcome = Pick<ExecutionRecord, 'state' | 'cause' | 'exitCode'> &
  Partial<Pick<ExecutionRecord, 'started' | 'ended' | 'warnings'>> & {
    /** The seq of its log's last line, where its runner wrote it to the end. */
    logged?: number;
  };

export function outcomeOf(record: ExecutionRecord, end: RunnerEnd): Outcome {
  const { exitCode } = end;
  const { memory, timeout } = record.inputs.compute;
  if (end.reason === 'stopped') return { state: 'stopped', cause: record.stopping ?? 'It was stopped from outside.', exitCode };
  if (end.reason === 'timed-out') return { state: 'timed-out', cause: `It did not end within its time limit of ${timeout} s.`, exitCode };
  if (exitCode === 0) return { state: 'succeeded', cause: null, exitCode };
  return { state: 'failed', cause: whyFailed(end, memory), exitCode };
}

function whyFailed({ outOfMemory, signal, error, exitCode, cell }: RunnerEnd, memory: number): string {
  if (outOfMemory && signal) return `It ran out of memory: its limit is ${memory} MiB. Give it more, or load less at once.`;
  if (outOfMemory) {
    const why = error ? `: ${error}` : '.';
    return `A process of it was killed because it ran out of memory (its limit is ${memory} MiB), and it ended with exit code ${exitCode}${why}`;
  }
  // A cell of a notebook says itself how its kernel ended.
  if (cell !== null && error !== null) return error;
  if (signal) return error ? `It was ended by the signal ${signal}: ${error}` : `It was ended by the signal ${signal}.`;
  return `Exit code ${exitCode}${error ? `: ${error}` : ''}`;
}

/** A runner's exit code is the one that it writes down. Where they differ, a program has written in its place, or it was killed meanwhile. */
export function whyRefused({ exitCode }: RunnerEnd, end: EndReason): string | null {
  const real = exitCodeOf(end);
  if (real === null || real === exitCode) return null;
  return `Its result.json says that it ended with exit code ${exitCode}, but its container ended with ${real}: the file was not believed.`;
}

/** Its workload is over and its runner did not say how, or was not believed. */
export function outcomeWithoutEnd(record: ExecutionRecord, end: EndReason): Outcome {
  const exitCode = exitCodeOf(end);
  if (record.stopping !== null) return { state: 'stopped', cause: record.stopping, exitCode };
  return { state: 'failed', cause: describeEnd(end, record.inputs.compute.memory), exitCode };
}
