import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Problem } from '@bine/shared/problems';
import { noneIfSignedOut } from './signed-out.ts';

describe('a view', () => {
  it('is empty while nobody is signed in', async () => {
    const signedOut = async (): Promise<string[]> => Promise.reject(new Problem('no-key', 'You are not signed in.'));
    assert.deepEqual(await noneIfSignedOut(signedOut), []);
  });

  it('has what was read, or tells why it could not be', async () => {
    assert.deepEqual(await noneIfSignedOut(() => ['a']), ['a']);
    const away = async (): Promise<string[]> => Promise.reject(new Problem('timeout', 'It does not answer.'));
    await assert.rejects(noneIfSignedOut(away), { code: 'timeout' });
  });
});
