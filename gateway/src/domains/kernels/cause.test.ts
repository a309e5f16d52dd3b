import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { causeOfEnd, causeOfKernelEnd } from './cause.ts';

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

describe('the cause of a kernel’s end with a supervisor that failed', () => {
  const say = (lines: string[]) => ({
    async *output() {
      yield* lines;
    },
  });
  const cause = (exitCode: number, lines: string[]) =>
    causeOfKernelEnd(say(lines), { container: 'c', found: { ...ended, exitCode }, memory: 512, signal: new AbortController().signal });

  it('is what the supervisor says in its last line', async () =>
    assert.equal(
      await cause(70, ["Bine's supervisor failed: OSError: no room"]),
      "Bine's supervisor failed: OSError: no room. The kernel died with it: restart it.",
    ));
  it('is a sentence where it could say nothing', async () =>
    assert.equal(await cause(70, []), "Bine's supervisor failed. The kernel died with it: restart it."));
  it('is not read where it ended otherwise', async () => assert.match(await cause(139, ['anything']), /SIGSEGV/));
});
