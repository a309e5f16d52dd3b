import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BuildProgress } from '../../ports/images.ts';
import { share } from './share.ts';

/** Work that says one line, then waits to be told its result. */
function startWork() {
  const result = Promise.withResolvers<string>();
  const calls: BuildProgress[] = [];
  const shared = share(async (progress) => {
    calls.push(progress);
    progress.onLine('begun');
    return result.promise;
  });
  return { result, calls, shared };
}

const never = new AbortController().signal;

describe('shared work', () => {
  it('is done once for all who come while it is under way, and each is told all of it', async () => {
    const { result, calls, shared } = startWork();
    const [first, second]: [string[], string[]] = [[], []];
    const both = [
      shared({ signal: never, onLine: (line) => first.push(line) }),
      shared({ signal: never, onLine: (line) => second.push(line) }),
    ];
    calls[0]!.onLine('half done');
    result.resolve('image');
    assert.deepEqual(await Promise.all(both), ['image', 'image']);
    assert.equal(calls.length, 1);
    assert.deepEqual(
      [first, second],
      [
        ['begun', 'half done'],
        ['begun', 'half done'],
      ],
    );
  });

  it('goes on when one leaves, and is aborted when the last one leaves', async () => {
    const { calls, shared } = startWork();
    const [one, other] = [new AbortController(), new AbortController()];
    const waiting = [one, other].map(({ signal }) => shared({ signal, onLine: () => undefined }));
    one.abort(new Error('one left'));
    await assert.rejects(waiting[0]!, /one left/);
    assert.equal(calls[0]!.signal.aborted, false);
    other.abort(new Error('all left'));
    await assert.rejects(waiting[1]!, /all left/);
    assert.equal(calls[0]!.signal.aborted, true);
  });

  it('is done anew for who comes after it failed', async () => {
    let tries = 0;
    const shared = share(async () => {
      tries += 1;
      if (tries === 1) throw new Error('no luck');
      return tries;
    });
    const progress = { signal: never, onLine: () => undefined };
    await assert.rejects(shared(progress), /no luck/);
    assert.equal(await shared(progress), 2);
  });
});
