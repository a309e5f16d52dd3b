import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { queryObjects } from 'node:v8';
import { createIndex } from './index-of.ts';

describe('what is known by key', () => {
  it('is replaced by an answer, but for what events said after the question', async () => {
    const index = createIndex<string>();
    for (const key of ['changed', 'deleted', 'forgotten', 'same']) index.set(key, 'before');
    const answer = Promise.withResolvers<[string, string][]>();
    const refilled = index.refill(answer.promise);
    index.set('changed', 'by an event');
    index.set('new', 'by an event');
    index.delete('deleted');
    answer.resolve([
      ['changed', 'in the answer'],
      ['deleted', 'in the answer'],
      ['same', 'in the answer'],
    ]);
    await refilled;
    assert.deepEqual(
      [...index.entries()].sort(([a], [b]) => a.localeCompare(b)),
      [
        ['changed', 'by an event'],
        ['new', 'by an event'],
        ['same', 'in the answer'],
      ],
    );
  });

  it('takes the answer to a later question over what was said before it', async () => {
    const index = createIndex<string>();
    index.set('a', 'by an event');
    await index.refill(Promise.resolve([['a', 'in the answer']]));
    assert.equal(index.get('a'), 'in the answer');
  });

  it('keeps the answer to a later question when that to an earlier one comes after it', async () => {
    const index = createIndex<string>();
    const [earlier, later] = [Promise.withResolvers<[string, string][]>(), Promise.withResolvers<[string, string][]>()];
    const both = [index.refill(earlier.promise), index.refill(later.promise)];
    later.resolve([['a', 'later']]);
    await both[1];
    earlier.resolve([
      ['a', 'earlier'],
      ['gone', 'earlier'],
    ]);
    await both[0];
    assert.deepEqual([...index.entries()], [['a', 'later']]);
  });

  it('is as it was after a question that failed, and takes the answer to an earlier one', async () => {
    const index = createIndex<string>();
    index.set('a', 'before');
    const earlier = Promise.withResolvers<[string, string][]>();
    const refilled = index.refill(earlier.promise);
    await assert.rejects(index.refill(Promise.reject(new Error('no connection'))), /no connection/);
    assert.equal(index.get('a'), 'before');
    earlier.resolve([['a', 'in the answer']]);
    await refilled;
    assert.equal(index.get('a'), 'in the answer');
  });

  it('keeps nothing of a question that failed', async () => {
    const index = createIndex<string>();
    const sets = () => queryObjects(Set, { format: 'count' });
    const before = sets();
    for (let tries = 0; tries < 100; tries++) await assert.rejects(index.refill(Promise.reject(new Error('no connection'))));
    assert.ok(sets() < before + 100, 'what each of them remembered is still there');
    index.set('a', 'by an event');
  });
});
