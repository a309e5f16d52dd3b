import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wholeNumber } from './base.ts';

describe('a whole number', () => {
  const any = wholeNumber(0);

  it('is the same as a number and as digits of a query, up to the largest that is exact', () => {
    for (const value of [0, 7, Number.MAX_SAFE_INTEGER]) assert.deepEqual([any.parse(value), any.parse(String(value))], [value, value]);
  });

  it('is nothing that would be rounded, empty or cut', () => {
    for (const text of ['9007199254740993', '99999999999999999', '', '1.5', '-1', '1e3', '0x1'])
      assert.equal(any.safeParse(text).success, false, text);
  });
});
