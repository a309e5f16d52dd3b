import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '../../../../test/until.ts';
import type { TreeChange, TreeListener } from '../../ports/file-changes.ts';
import { createFeeds } from './changes.ts';
import type { Feeds, NumberedChange } from './changes.ts';

const folder = { id: 'p', files: '/p' };
const created = (name: string): TreeChange => ({ type: 'created', names: [name] });
const show = ({ change }: NumberedChange) => (change.type === 'reset' ? 'reset' : change.path);

/** A watch that says what the test says. */
function fakeWatch() {
  const watches: { listener: TreeListener; closed: boolean }[] = [];
  const watch = (_files: string, listener: TreeListener) => {
    const one = { listener, closed: false };
    watches.push(one);
    return {
      ready: Promise.resolve(),
      async [Symbol.asyncDispose]() {
        one.closed = true;
      },
    };
  };
  return { watch, watches, say: (...names: string[]) => watches.at(-1)!.listener.changes(names.map(created)) };
}

/** Reads `count` changes as they come, and leaves. */
async function take(feeds: Feeds, count: number, { after, onFirst }: { after?: string | undefined; onFirst?: () => void } = {}) {
  const leave = new AbortController();
  const taken: NumberedChange[] = [];
  for await (const change of feeds.subscribe(folder, { after, signal: leave.signal })) {
    taken.push(change);
    if (taken.length === 1) onFirst?.();
    if (taken.length === count) leave.abort();
  }
  return taken;
}

describe('the changes of a project', () => {
  it('begin with reset for whoever comes anew, and then come one by one', async () => {
    const { watch, say } = fakeWatch();
    await using feeds = createFeeds({ watch });
    const taken = await take(feeds, 4, { onFirst: () => say('a', 'b', 'c') });
    assert.deepEqual(taken.map(show), ['reset', 'a', 'b', 'c']);
    assert.equal(new Set(taken.map(({ id }) => id)).size, 4);
  });

  it('go on after the last one seen, with none missed, for whoever comes back in time', async () => {
    const { watch, watches, say } = fakeWatch();
    await using feeds = createFeeds({ watch });
    const [, , second] = await take(feeds, 3, { onFirst: () => say('a', 'b') });
    say('while', 'away');
    assert.deepEqual((await take(feeds, 2, { after: second!.id })).map(show), ['while', 'away']);
    assert.equal(watches.length, 1, 'one watch served both');
  });

  for (const [who, after] of [
    ['who saw a number of another watch', 'abcdefghjkmnpqrs-3'],
    ['who makes a number up', 'nonsense'],
  ] as const) {
    it(`begin with reset for one ${who}`, async () => {
      const { watch } = fakeWatch();
      await using feeds = createFeeds({ watch });
      assert.deepEqual((await take(feeds, 1, { after })).map(show), ['reset']);
    });
  }

  it('begin with reset for one who makes up a number that is yet to come', async () => {
    const { watch } = fakeWatch();
    await using feeds = createFeeds({ watch });
    const [first] = await take(feeds, 1);
    const ahead = first!.id.replace(/\d+$/, '99');
    assert.deepEqual((await take(feeds, 1, { after: ahead })).map(show), ['reset']);
  });

  it('skip to reset for one who was away for more than is kept', async () => {
    const { watch, say } = fakeWatch();
    await using feeds = createFeeds({ watch });
    const [first] = await take(feeds, 1);
    for (let round = 0; round < 10; round++) say(...Array.from({ length: 500 }, (_, index) => `${round}-${index}`));
    assert.deepEqual((await take(feeds, 1, { after: first!.id })).map(show), ['reset']);
  });

  it('become one reset when too many come at once, or the disk says that some were missed', async () => {
    const { watch, watches, say } = fakeWatch();
    await using feeds = createFeeds({ watch });
    const flood = () => {
      say(...Array.from({ length: 1001 }, (_, index) => `${index}`));
      watches[0]!.listener.missed();
      say('then');
    };
    assert.deepEqual((await take(feeds, 4, { onFirst: flood })).map(show), ['reset', 'reset', 'reset', 'then']);
  });

  it('share one watch, which ends when nobody came back after the last one left', async () => {
    const { watch, watches } = fakeWatch();
    await using feeds = createFeeds({ watch, linger: 0 });
    await Promise.all([take(feeds, 1), take(feeds, 1)]);
    assert.equal(watches.length, 1);
    await until(() => watches[0]!.closed, 'the watch to be closed', { everyMs: 0 });
    await take(feeds, 1);
    assert.equal(watches.length, 2);
  });

  it('end with the reason when the watch does, and begin anew for the next', async () => {
    const { watch, watches } = fakeWatch();
    await using feeds = createFeeds({ watch });
    const gone = new Error('the folder is gone');
    await assert.rejects(take(feeds, 2, { onFirst: () => watches[0]!.listener.ended(gone) }), gone);
    assert.ok(watches[0]!.closed);
    assert.deepEqual((await take(feeds, 1)).map(show), ['reset']);
  });

  it('end for all when the gateway stops', async () => {
    const { watch, watches } = fakeWatch();
    const feeds = createFeeds({ watch });
    const taken = await take(feeds, 2, { onFirst: () => void feeds[Symbol.asyncDispose]() });
    assert.deepEqual(taken.map(show), ['reset']);
    assert.ok(watches[0]!.closed);
  });
});
