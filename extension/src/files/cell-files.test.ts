import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cellNumberOf, numberOfCode } from './cell-files.ts';

describe('the file that a kernel says a cell is', () => {
  // As ipykernel.compiler.murmur2_x86 says.
  const cases: [code: string, number: number][] = [
    ['', 3990065800],
    ['a', 2167009006],
    ['1 + 1', 2359671083],
    ['import warnings\nwarnings.warn("é█😀")', 192700815],
    ['x'.repeat(1001), 2469510316],
  ];
  for (const [code, number] of cases) {
    it(`of ${JSON.stringify(code.slice(0, 40))} has the number ${number}`, () => assert.equal(numberOfCode(code), number));
  }

  it('is told from others', () => {
    assert.equal(cellNumberOf('/tmp/ipykernel_12/2359671083.py'), 2359671083);
    for (const path of ['/tmp/x.py', '/tmp/ipykernel_12/a.py', '/project/tmp/ipykernel_1/2.py']) assert.equal(cellNumberOf(path), null);
  });
});
