import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { conflictsIn, settled } from './conflict-marks.ts';

const two = [
  'a',
  '<<<<<<< HEAD',
  'mine',
  '=======',
  'theirs',
  '>>>>>>> origin/main',
  'b',
  '<<<<<<<',
  '|||||||',
  'old',
  '=======',
  '>>>>>>>',
];

describe('a conflict', () => {
  it('is found by its marks, with or without what both began with', () => {
    assert.deepEqual(conflictsIn(two), [
      { start: 1, base: null, middle: 3, end: 5 },
      { start: 7, base: 8, middle: 10, end: 11 },
    ]);
  });
  it('is settled by taking a side, or both', () => {
    const [first, second] = conflictsIn(two) as [ReturnType<typeof conflictsIn>[number], ReturnType<typeof conflictsIn>[number]];
    assert.deepEqual(settled(two, first, 'current'), ['mine']);
    assert.deepEqual(settled(two, first, 'incoming'), ['theirs']);
    assert.deepEqual(settled(two, first, 'both'), ['mine', 'theirs']);
    assert.deepEqual(settled(two, second, 'current'), []);
  });
  it('is not what looks like a part of one', () => {
    assert.deepEqual(conflictsIn(['Title', '=======', 'text', '>>>>>>> x', '<<<<<<<x', '<<<<<<< y', 'open']), []);
  });
});
