import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fewAtOnce } from './few-at-once.ts';

describe('a few at once', () => {
  it('are never more, and what matters comes first of those that wait', async () => {
    const inTurn = fewAtOnce<string>(2, (key) => key === 'open');
    const [begun, ends]: [string[], (() => void)[]] = [[], []];
    const all = ['a', 'b', 'c', 'd', 'open'].map((key) =>
      inTurn(key, async () => {
        begun.push(key);
        await new Promise<void>((end) => ends.push(end));
        return key;
      }),
    );
    for (let round = 0; round < 5; round++) {
      assert.ok(begun.length <= round + 2);
      ends[round]!();
      await all[['a', 'b', 'c', 'd', 'open'].indexOf(begun[round]!)];
      await Promise.resolve();
    }
    assert.deepEqual(begun, ['a', 'b', 'open', 'c', 'd']);
  });

  it('go on after one that failed', async () => {
    const inTurn = fewAtOnce<number>(1, () => false);
    const failing = inTurn(1, async () => {
      throw new Error('no');
    });
    const next = inTurn(2, async () => 'done');
    await assert.rejects(failing, /no/);
    assert.equal(await next, 'done');
  });
});
