import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Problem } from '@bine/shared/problems';
import { cancelNow, cancelWith } from './cancel.ts';

describe('what the user cancels', () => {
  async function failuresOf(error: Error): Promise<string[]> {
    const failures: string[] = [];
    const cancel = async () => {
      throw error;
    };
    await cancelNow(cancel, ({ message }) => failures.push(message));
    return failures;
  }

  it('and cannot be cancelled is told, because it goes on', async () => {
    assert.deepEqual(await failuresOf(new TypeError('fetch failed')), ['fetch failed']);
    assert.deepEqual(await failuresOf(new Problem('missing-scope', 'Your key may not cancel.')), ['Your key may not cancel.']);
  });

  it('and has ended, or is gone, is told by its end alone', async () => {
    assert.deepEqual(await failuresOf(new Problem('conflict', 'It has ended.')), []);
    assert.deepEqual(await failuresOf(new Problem('not-found', 'It is gone.')), []);
  });

  it('is cancelled once, then and not before', async () => {
    const over = new AbortController();
    let times = 0;
    cancelWith({ signal: over.signal, cancel: async () => times++, onFailure: () => assert.fail('it was cancelled') });
    assert.equal(times, 0);
    over.abort();
    over.abort();
    assert.equal(times, 1);
  });
});
