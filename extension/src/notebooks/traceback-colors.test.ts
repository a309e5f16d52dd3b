import assert from 'node:assert/strict';
import { it } from 'node:test';
import { readableColors } from './traceback-colors.ts';

it('is readable where the background is taken away', () => {
  assert.equal(readableColors('return \u001b[30;43mimpl.read(\u001b[39;49m'), 'return \u001b[33mimpl.read(\u001b[39;49m');
  assert.equal(readableColors('\u001b[32m760\u001b[39m'), '\u001b[32m760\u001b[39m');
});
