import assert from 'node:assert/strict';
import { it } from 'node:test';
import { newestFirst } from './versions.ts';

it('Versions are put in order as package tools do, newest first, and what is none is left out', () => {
  const inOrder = [
    '1!0.1',
    '2.0',
    '1.10.post2',
    '1.10.post1',
    '1.10',
    '1.10rc1',
    '1.10b2',
    '1.10a1',
    '1.10.dev3',
    '1.9.1',
    '1.9',
    '0.9rc1',
  ];
  assert.deepEqual(newestFirst([...inOrder, 'nonsense'].sort()), inOrder);
});
