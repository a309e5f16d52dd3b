import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createIndex } from './index-of.ts';

describe('what is known by key', () => {
  it('is replaced by an answer, but for what events said after the question', () => {
    const index = createIndex<string>();
    for (const key of ['changed', 'deleted', 'forgotten', 'same']) index.set(key, 'before');
    const answered = index.refill();
    index.set('changed', 'by an event');
    index.set('new', 'by an event');
    index.delete('deleted');
    answered([
      ['changed', 'in the answer'],
      ['deleted', 'in the answer'],
      ['same', 'in the answer'],
    ]);
    assert.deepEqual(
      [...index.entries()].sort(([a], [b]) => a.localeCompare(b)),
      [
        ['changed', 'by an event'],
        ['new', 'by an event'],
        ['same', 'in the answer'],
      ],
    );
  });

  it('takes the answer to a later question over what was said before it', () => {
    const index = createIndex<string>();
    index.set('a', 'by an event');
    index.refill()([['a', 'in the answer']]);
    assert.equal(index.get('a'), 'in the answer');
  });
});
