import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRefresher } from './refresher.ts';

/** A reader whose answers the test gives, and which says when it is asked. */
function reader() {
  const asked: ((value: string) => void)[] = [];
  let tell = () => {};
  let most = 0;
  let open = 0;
  return {
    shown: [] as string[],
    most: () => most,
    count: () => asked.length,
    read: () =>
      new Promise<string>((resolve) => {
        most = Math.max(most, ++open);
        asked.push((value) => {
          open--;
          resolve(value);
        });
        tell();
      }),
    async answer(value: string) {
      if (asked.length === 0) await new Promise<void>((resolve) => (tell = resolve));
      asked.shift()!(value);
    },
  };
}

const quiet = { failed: (error: unknown) => assert.fail(String(error)), gather: 1 };

describe('what is shown', () => {
  it('is read once for many changes', async () => {
    const from = reader();
    const shown = new Promise<string>((show) => {
      const refresher = createRefresher({ ...quiet, read: from.read, show });
      for (let i = 0; i < 100; i++) refresher.ask();
    });
    await from.answer('one');
    assert.equal(await shown, 'one');
    assert.equal(from.count(), 0);
  });

  it('is read again after a change that came while it was read, and never twice at once', async () => {
    const from = reader();
    const refresher = createRefresher({ ...quiet, read: from.read, show: (value) => from.shown.push(value) });
    const both = [refresher.now(), refresher.now()];
    await from.answer('old');
    await from.answer('new');
    await Promise.all(both);
    assert.deepEqual([from.shown, from.most()], [['old', 'new'], 1]);
  });

  it('is what is known, not an answer that was on its way', async () => {
    const from = reader();
    const refresher = createRefresher({ ...quiet, read: from.read, show: (value) => from.shown.push(value) });
    const reading = refresher.now();
    refresher.put('known');
    await from.answer('before');
    await reading;
    assert.deepEqual(from.shown, ['known']);
  });

  it('is nothing more when it is over', async () => {
    const from = reader();
    const refresher = createRefresher({ ...quiet, read: from.read, show: (value) => from.shown.push(value) });
    const reading = refresher.now();
    refresher.dispose();
    await from.answer('late');
    await reading;
    refresher.ask();
    assert.deepEqual(from.shown, []);
  });

  it('fails for who waits, and behind where nobody does', async () => {
    const read = () => Promise.reject(new Error('away'));
    const failed = new Promise<unknown>((failed) => createRefresher({ read, show: () => assert.fail(), failed, gather: 1 }).ask());
    assert.match(String(await failed), /away/);
    await assert.rejects(createRefresher({ ...quiet, read, show: () => assert.fail() }).now(), /away/);
  });
});
