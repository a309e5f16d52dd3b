import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunnerEnd } from '../../ports/job-agent.ts';
import type { ExecutionRecord } from '../../ports/state/executions.ts';
import { outcomeOf, whyRefused } from './cause.ts';

const record = { stopping: null, inputs: { compute: { memory: 512, timeout: 60 } } } as ExecutionRecord;
const failed: RunnerEnd = {
  reason: null,
  exitCode: 1,
  signal: null,
  outOfMemory: false,
  error: 'Cell 2 failed: no data',
  cell: null,
  warnings: [],
  started: 0,
  ended: 0,
  lines: 0,
};

describe('the cause of a failure', () => {
  it('is what the runner says of a cell', () => assert.equal(outcomeOf(record, { ...failed, cell: 2 }).cause, 'Cell 2 failed: no data'));
  it('has the exit code of a program, whatever its words begin with', () =>
    assert.equal(outcomeOf(record, failed).cause, 'Exit code 1: Cell 2 failed: no data'));
});

describe('what a runner is said to have written', () => {
  it('is believed where the container ended with its exit code, or is gone', () => {
    assert.equal(whyRefused(failed, { type: 'exited', exitCode: 1 }), null);
    assert.equal(whyRefused(failed, { type: 'removed' }), null);
  });
  it('is refused where the container ended otherwise', () =>
    assert.match(
      whyRefused({ ...failed, exitCode: 0 }, { type: 'signalled', signal: 'SIGKILL', exitCode: 137 })!,
      /exit code 0, but its container ended with 137/,
    ));
});
