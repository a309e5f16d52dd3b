import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cloneName, nameProblem } from './names.ts';

describe('the name of a clone', () => {
  const cases: [from: string, taken: string[], name: string][] = [
    ['python-training', ['python-training'], 'training'],
    ['python-training', ['training'], 'training-2'],
    ['python-training', ['training', 'training-2'], 'training-3'],
    ['training-2', ['training', 'training-2'], 'training-3'],
    ['boosting', ['boosting'], 'boosting-2'],
  ];
  for (const [from, taken, name] of cases) {
    it(`of ${from} is ${name} beside ${taken.join(' and ')}`, () => assert.equal(cloneName(from, new Set(taken)), name));
  }

  it('that cannot be is refused while it is typed', () => {
    assert.match(nameProblem('My Env', new Set())!, /lower-case/);
    assert.match(nameProblem('training', new Set(['training']))!, /"training" is there already/);
    assert.equal(nameProblem('boosting', new Set(['training'])), undefined);
  });
});
