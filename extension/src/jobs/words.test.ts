import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatParameters, joinWords, parseParameters, splitWords } from './words.ts';

describe('a line of arguments', () => {
  const cases: [line: string, words: string[]][] = [
    ['', []],
    ['--epochs 3  -v', ['--epochs', '3', '-v']],
    [`--name "Ada L" 'it''s'`, ['--name', 'Ada L', 'its']],
    [String.raw`a\ b "q\"q" '\n'`, ['a b', 'q"q', String.raw`\n`]],
    ['"" x', ['', 'x']],
  ];
  for (const [line, words] of cases) {
    it(`${line || 'that is empty'} is ${words.length} words, there and back`, () => {
      assert.deepEqual(splitWords(line), words);
      assert.deepEqual(splitWords(joinWords(words)), words);
    });
  }

  it('says which quotation does not end', () => assert.throws(() => splitWords('a "b'), /begins with " does not end/));
});

describe("a notebook's parameters", () => {
  it('are numbers, truths and lists where they can be, else text', () => {
    const parameters = { month: 3, fast: true, name: 'Ada L', sizes: [1, 2] };
    assert.deepEqual(parseParameters(`month=3 fast=true name='Ada L' sizes=[1,2]`), parameters);
    assert.deepEqual(parseParameters(formatParameters(parameters)), parameters);
  });

  for (const line of ['month=3, fast=true', 'month=3,fast=true', 'month=3; fast=true', 'month=3,', 'month=3 , fast=true'])
    it(`are not separated as in ${line}`, () => assert.throws(() => parseParameters(line), /blanks between them and no commas/));

  it('may be texts with commas', () => {
    const parameters = { name: 'a, b=c', list: 'x,y=1', end: 'x,', sizes: [1, 2] };
    assert.deepEqual(parseParameters(formatParameters(parameters)), parameters);
    assert.deepEqual(parseParameters('pair=a,b'), { pair: 'a,b' });
  });

  it('have names', () => assert.throws(() => parseParameters('month'), /NAME=VALUE/));
});
