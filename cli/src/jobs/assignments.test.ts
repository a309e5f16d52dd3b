import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contract } from '@bine/shared';
import { formatParameter, parseParameter } from './assignments.ts';

describe('a parameter', () => {
  const cases: [text: string, value: unknown][] = [
    ['12345678901234567890', { $number: '12345678901234567890' }],
    ['-9007199254740993', { $number: '-9007199254740993' }],
    ['9007199254740991', 9_007_199_254_740_991],
    ['1.0', { $number: '1.0' }],
    ['-0', { $number: '-0' }],
    ['1e5', { $number: '1e5' }],
    ['0.1', 0.1],
    ['.5', { $number: '.5' }],
    ['3', 3],
    ['+3', { $number: '+3' }],
    ['nan', { $number: 'nan' }],
    ['-inf', { $number: '-inf' }],
    ['True', true],
    ['False', false],
    ['None', null],
    ['true', true],
    ['null', null],
    ['"3"', '3'],
    ["'x'", "'x'"],
    ['007', '007'],
    ['1_000', '1_000'],
    ['north west', 'north west'],
    ['', ''],
    ['[1.0, 12345678901234567890, "1.0", true]', [{ $number: '1.0' }, { $number: '12345678901234567890' }, '1.0', true]],
    ['{"a": {"b": 2.50}}', { a: { b: { $number: '2.50' } } }],
    ['[1,', '[1,'],
    ['2024-01-01', '2024-01-01'],
  ];
  for (const [text, value] of cases) {
    it(`written ${JSON.stringify(text)} is taken exactly`, () => {
      assert.deepEqual(parseParameter(text), value);
      assert.deepEqual(parseParameter(formatParameter(parseParameter(text))), value);
      const input = { project: 'p', job: 'j', parameters: { x: parseParameter(text) } };
      assert.ok(contract.jobs.run['~orpc'].inputSchema);
      assert.equal('issues' in (contract.jobs.run['~orpc'].inputSchema['~standard'].validate(input) as object), false);
    });
  }

  for (const text of ['1e999', '-1.5e400', '[1e999]']) {
    it(`written ${text} is refused`, () => assert.throws(() => parseParameter(text), /more than a float can hold/));
  }
  for (const text of ['1e-400', '-1e-400', '[1, -2.5e-999]', '{"a": 1e-400}', `.${'0'.repeat(400)}1`]) {
    it(`written ${text.slice(0, 20)} is refused`, () => assert.throws(() => parseParameter(text), /closer to 0 than a float can be/));
  }
  for (const text of ['0e-400', '-0.0e5', '5e-324']) it(`written ${text} is taken`, () => void parseParameter(text));
});

describe('what the contract takes as parameters', () => {
  const problems = (parameters: unknown) => {
    const answer = contract.jobs.run['~orpc'].inputSchema!['~standard'].validate({ project: 'p', job: 'j', parameters });
    return (answer as { issues?: { message: string }[] }).issues?.map(({ message }) => message) ?? [];
  };
  for (const [parameters, why] of [
    [{ lambda: 1 }, /keyword of Python/],
    [{ None: 1 }, /keyword of Python/],
    [{ '1x': 1 }, /letters, digits/],
    [{ 'a b': 1 }, /letters, digits/],
    [{ n: 12_345_678_901_234_567_000 }, /more digits/],
    [{ n: [{ a: 2 ** 60 }] }, /more digits/],
    [{ n: { $number: '1); import os' } }, /digits of a number/],
    [{ n: { $number: 3 } }, /digits of a number/],
    [{ n: Infinity }, /./],
    [{ n: { $number: '-1e-400' } }, /closer to 0 than a float can be/],
    [{ n: [{ $number: '1e-400' }] }, /closer to 0 than a float can be/],
    [{ n: { a: { $number: '1e999' } } }, /more than a float can hold/],
  ] as const) {
    it(`is not ${JSON.stringify(parameters)}`, () => assert.match(problems(parameters).join(), why));
  }
});
