import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as later } from 'node:timers/promises';
import type { Kernel } from '@bine/shared';
import { aborted } from '../connection/wait.ts';
import { untilStarted } from './until-started.ts';

/** A kernel whose environment is built, and what a user sees of it, in order. */
function watchBuild() {
  const seen: string[] = [];
  const stopping = new AbortController();
  let tell: (kernel: Pick<Kernel, 'state' | 'cause'>) => void = () => undefined;
  let cancel = () => {};
  const started = untilStarted({
    follow(look) {
      tell = look;
      look({ state: 'building', cause: null });
      return () => void seen.push('no longer followed');
    },
    async showBuilding(until) {
      seen.push('progress begins');
      const cancelling = new AbortController();
      cancel = () => cancelling.abort();
      await aborted(until, cancelling.signal);
      // As the editor takes its time to take a notification away.
      await later();
      seen.push('progress ends');
      return cancelling.signal.aborted;
    },
    signal: stopping.signal,
  });
  const told = started.then(
    () => seen.push('it runs'),
    (error: Error) => seen.push(error.message),
  );
  return {
    tell: (state: Kernel['state'], cause: string | null = null) => tell({ state, cause }),
    cancel: () => cancel(),
    giveUp: () => stopping.abort(),
    seen: async () => {
      await told;
      return seen;
    },
  };
}

describe('a kernel that waits for its environment', () => {
  it('says that the build failed when the progress is gone', async () => {
    const build = watchBuild();
    build.tell('dead', 'The build failed.');
    assert.deepEqual(await build.seen(), ['progress begins', 'no longer followed', 'progress ends', 'The build failed.']);
  });

  it('shows one progress until it runs', async () => {
    const build = watchBuild();
    build.tell('building');
    build.tell('starting');
    build.tell('idle');
    assert.deepEqual(await build.seen(), ['progress begins', 'no longer followed', 'progress ends', 'it runs']);
  });

  it('is cancelled, and did not fail, when it dies of that', async () => {
    const build = watchBuild();
    build.cancel();
    build.tell('dead', 'The build was cancelled.');
    assert.equal((await build.seen()).at(-1), 'Cancelled.');
  });

  for (const [by, end] of [
    ['in the progress', 'cancel'],
    ['by an interrupt', 'giveUp'],
  ] as const) {
    it(`is cancelled ${by}`, async () => {
      const build = watchBuild();
      build[end]();
      const seen = await build.seen();
      assert.deepEqual([seen.includes('progress ends'), seen.at(-1)], [true, 'Cancelled.']);
    });
  }
});
