import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { until } from './until.ts';

describe('a test that waits', () => {
  it('goes on with the first value that says something', async () => {
    const values = [false, null, undefined, 0];
    assert.equal(await until(() => values.shift(), 'a number', { everyMs: 0 }), 0);
  });

  it('fails with what it waited for when that does not come in time, also while it is asked', async () => {
    const message = 'Waited for the disk to be full, in vain for 0.02 s.';
    await assert.rejects(
      until(() => false, 'the disk to be full', { withinMs: 20, everyMs: 1 }),
      { message },
    );
    await assert.rejects(
      until(() => new Promise<boolean>(() => {}), 'the disk to be full', { withinMs: 20 }),
      { message },
    );
  });

  it('looks no more when the test is over', async () => {
    const over = new AbortController();
    let looks = 0;
    const looked = new EventTarget();
    const second = once(looked, 'second');
    const waiting = until(
      () => {
        if (++looks === 2) looked.dispatchEvent(new Event('second'));
        return false;
      },
      'nothing',
      { signal: over.signal, everyMs: 0 },
    );
    await second;
    over.abort();
    await assert.rejects(waiting, { message: 'Waited for nothing, in vain until its test ended.' });
    const before = looks;
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(looks, before);
  });

  it('fails at once with what went wrong', async () => {
    await assert.rejects(
      until(() => Promise.reject(new Error('the gateway ended')), 'an answer'),
      { message: 'the gateway ended' },
    );
  });
});
