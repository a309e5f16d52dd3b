import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Result } from '@bine/shared';
import { planSaving } from './save-results.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const never = new AbortController().signal;

/** What is on the disk, what the execution was given, and what it left; null: nothing. */
async function placeOf(local: string | null, given: string | null, left: string): Promise<string> {
  const before = given === null ? null : sha256(given);
  const result: Result = { path: 'a.csv', size: left.length, modified: '2026-01-01T00:00:00.000Z', source: 'folder', before };
  const plan = await planSaving({
    results: [{ result, path: 'a.csv' }],
    read: async () => (local === null ? null : new Blob([local])),
    fetch: async () => new Response(left),
    signal: never,
  });
  return Object.entries(plan)
    .flatMap(([name, list]) => (list.length > 0 ? [name] : []))
    .join();
}

describe('results that are saved into a folder', () => {
  const cases: [what: string, local: string | null, given: string | null, left: string, place: string][] = [
    ['that are new', null, null, '2', 'free'],
    ['whose file is as it was sent', '1', '1', '2', 'free'],
    ['whose file was deleted since', null, '1', '2', 'free'],
    ['whose file was changed since', '3', '1', '2', 'changed'],
    ['where another file came to be since', '3', null, '2', 'changed'],
    ['that were saved before', '2', '1', '2', 'same'],
    ['of no bytes', '', null, '', 'same'],
  ];
  for (const [what, local, given, left, place] of cases) {
    it(`${what} are ${place}`, async () => assert.equal(await placeOf(local, given, left), place));
  }

  it('never leave the folder', async () => {
    const result: Result = { path: '../a', size: 1, modified: '2026-01-01T00:00:00.000Z', source: 'folder', before: null };
    const asked = { results: [{ result, path: '../a' }], read: async () => null, fetch: async () => new Response(''), signal: never };
    await assert.rejects(planSaving(asked), /"\.\.\/a"/);
  });
});
