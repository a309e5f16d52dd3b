import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunnerEnd } from '../../adapters/runner/told.ts';
import type { ExecutionRecord } from '../../adapters/store/executions.ts';
import { outcomeOf } from './cause.ts';

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
