import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { contract } from './index.ts';
import { redact, redacted, sensitive } from './sensitive.ts';

describe('what is written down of a call', () => {
  const schemaOf = (procedure: { '~orpc': { inputSchema?: unknown } }) => procedure['~orpc'].inputSchema;

  it('has no value of a secret and no token, also where the call is not valid', () => {
    const given = { project: 'p', name: 'not a name', value: 'planted' };
    assert.deepEqual(redact(schemaOf(contract.secrets.set), given), { ...given, value: redacted });
    assert.deepEqual(redact(schemaOf(contract.secrets.setMine), { name: 'A', value: ['planted'] }), { name: 'A', value: redacted });
    assert.deepEqual(redact(schemaOf(contract.git.setCredential), { host: 'h', token: 'planted' }), { host: 'h', token: redacted });
  });

  it('has all else as it was said', () => {
    const given = { project: 'p', job: 'j', path: 'a.py', variables: { A: 'b' }, unknown: [1] };
    assert.deepEqual(redact(schemaOf(contract.jobs.put), given), given);
    assert.equal(redact(undefined, 'anything'), 'anything');
  });

  it('has none wherever in the input it stands', () => {
    const secret = sensitive(z.string());
    const schema = z.object({
      list: z.array(z.object({ secret })),
      record: z.record(z.string(), secret.optional()),
      either: z.union([z.number(), secret]),
      maybe: z.object({ secret }).nullable().default(null),
    });
    const given = { list: [{ secret: 's' }], record: { a: 's' }, either: 's', maybe: { secret: 's' } };
    const expected = { list: [{ secret: redacted }], record: { a: redacted }, either: redacted, maybe: { secret: redacted } };
    assert.deepEqual(redact(schema, given), expected);
  });
});
