import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Problem, problemBody, problemFrom } from './problems.ts';

describe('a problem', () => {
  const problem = new Problem('invalid', 'memory: too small', { fields: [{ field: 'memory', problem: 'too small' }] });
  const body = problemBody(problem, 'r1');

  const carriers: [string, unknown][] = [
    ['the problem itself', problem],
    ['the body of a plain route', body],
    ['an error of the socket', Object.assign(new Error('x'), { code: 'invalid', data: body })],
    ['an error of the REST client', Object.assign(new Error('x'), { code: 'MALFORMED', data: { status: 422, body } })],
  ];
  for (const [name, carrier] of carriers) {
    it(`is found again in ${name}`, () => {
      const found = problemFrom(carrier);
      assert.equal(found?.code, 'invalid');
      assert.equal(found?.message, 'memory: too small');
      assert.deepEqual(found?.fields, [{ field: 'memory', problem: 'too small' }]);
    });
  }

  for (const other of [null, undefined, 'x', new TypeError('fetch failed'), { code: 'ECONNREFUSED', detail: 'x' }, { data: null }]) {
    it(`is not seen in ${JSON.stringify(other)}`, () => assert.equal(problemFrom(other), null));
  }
});
