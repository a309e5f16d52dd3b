import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { causeOfEnd } from './cause.ts';

const ended = { image: '', running: false, begun: true, exitCode: 0, outOfMemory: false, error: '' };

describe('the cause of a kernel’s end', () => {
  for (const [name, container, cause] of [
    ['out of memory', { ...ended, exitCode: 137, outOfMemory: true }, /ran out of memory: its limit is 512 MiB/],
    ['killed', { ...ended, exitCode: 137 }, /killed \(SIGKILL\)/],
    ['a signal', { ...ended, exitCode: 139 }, /SIGSEGV/],
    ['an exit code', { ...ended, exitCode: 3 }, /exit code 3/],
    ['stopped', ended, /stopped from outside/],
    ['never run', { ...ended, exitCode: 127, error: 'exec: "x": not found' }, /could not be run: exec: "x": not found/],
    ['removed', null, /removed/],
  ] as const) {
    it(`is a sentence: ${name}`, () => assert.match(causeOfEnd(container, 512), cause));
  }
});
