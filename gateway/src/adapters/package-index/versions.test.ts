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

it('Development versions come before what they become, as PEP 440 has them', () => {
  const oldestFirst = [
    '1.dev0',
    '1.0.dev456',
    '1.0a1',
    '1.0a2.dev456',
    '1.0a12.dev456',
    '1.0a12',
    '1.0b1.dev456',
    '1.0b2',
    '1.0b2.post345.dev456',
    '1.0b2.post345',
    '1.0rc1.dev456',
    '1.0rc1',
    '1.0',
    '1.0.post456.dev34',
    '1.0.post456',
    '1.0.15',
    '1.1.dev1',
  ];
  assert.deepEqual(newestFirst(oldestFirst.toSorted()), oldestFirst.toReversed());
});
