import assert from 'node:assert/strict';
import { it } from 'node:test';
import { flagTypes, usage } from './config.ts';

it('names every flag in its usage', () => {
  const missing = Object.keys(flagTypes).filter((flag) => !new RegExp(`--${flag}(?![\\w-])`).test(usage));
  assert.deepEqual(missing, []);
});
