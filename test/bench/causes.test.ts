import assert from 'node:assert/strict';
import { it } from 'node:test';
import { causesOf } from './causes.ts';

it('names the first failure before what failed while things were put away', () => {
  const first = new Error('no engine answers', { cause: new Error('ENOENT') });
  const said = causesOf(new SuppressedError(new AggregateError([new Error('container')]), first, 'suppressed'));
  assert.deepEqual(
    said.map((text) => text.split('\n')[0]),
    ['Error: no engine answers', 'Error: ENOENT', 'Error: container'],
  );
});
