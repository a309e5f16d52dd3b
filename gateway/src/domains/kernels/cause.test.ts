import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { causeOfKernelEnd } from './cause.ts';

describe('the cause of a kernel’s end with a supervisor that failed', () => {
  const { signal } = new AbortController();
  const cause = (exitCode: number, lines: string[]) =>
    causeOfKernelEnd({ lastLines: async () => lines }, { workload: 'w', end: { type: 'exited', exitCode }, memory: 512, signal });

  it('is what the supervisor says in its last line', async () =>
    assert.equal(
      await cause(70, ["Bine's supervisor failed: OSError: no room"]),
      "Bine's supervisor failed: OSError: no room. The kernel died with it: restart it.",
    ));
  it('is a sentence where it could say nothing', async () =>
    assert.equal(await cause(70, []), "Bine's supervisor failed. The kernel died with it: restart it."));
  it('is not read where it ended otherwise', async () => assert.match(await cause(3, ['anything']), /exit code 3/));
});
