import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeEnd } from './end-reason.ts';

describe('the cause of a workload’s end', () => {
  for (const [end, cause] of [
    [{ type: 'out-of-memory', exitCode: 137 }, /ran out of memory: its limit is 512 MiB/],
    [{ type: 'signalled', signal: 'SIGKILL', exitCode: 137 }, /killed \(SIGKILL\)/],
    [{ type: 'signalled', signal: 'SIGSEGV', exitCode: 139 }, /SIGSEGV/],
    [{ type: 'exited', exitCode: 3 }, /exit code 3/],
    [{ type: 'exited', exitCode: 0 }, /stopped from outside/],
    [{ type: 'not-started', detail: 'exec: "x": not found' }, /could not be run: exec: "x": not found/],
    [{ type: 'removed' }, /removed/],
  ] as const) {
    it(`is a sentence: ${JSON.stringify(end)}`, () => assert.match(describeEnd(end, 512), cause));
  }
});
