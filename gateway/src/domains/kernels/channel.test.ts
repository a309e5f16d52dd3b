import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Problem } from '@bine/shared/problems';
import type { LogRecord, Supervisor } from '../../adapters/supervisor/types.ts';
import { liveChannel } from './channel.ts';

const record = (seq: number): LogRecord => ({ seq, time: 0, frames: [] });

/** Says to whoever is attached that it took a request, and to nobody else. */
function chattySupervisor() {
  let tell: ((seq: number) => void) | null = null;
  const supervisor: Pick<Supervisor, 'attach' | 'request'> = {
    async *attach() {
      let { promise: said, resolve } = Promise.withResolvers<number>();
      tell = (seq) => resolve(seq);
      yield record(0);
      yield record(await said);
    },
    request: async () => tell?.(1),
  };
  return supervisor as Supervisor;
}

describe('the channel of a kernel', () => {
  const { signal } = new AbortController();
  const snapshot = () => assert.fail('the connection was not lost');

  it('lets whoever sends at once hear all that comes of it', async () => {
    const supervisor = chattySupervisor();
    const { records, send } = liveChannel({ supervisor: async () => supervisor, snapshot }, { signal });
    const sent = send([]);
    const heard = [];
    for await (const { seq } of records) {
      heard.push(seq);
      if (seq === 1) break;
    }
    await sent;
    assert.deepEqual(heard, [0, 1]);
  });

  it('says why what waits to be sent is not, when the kernel ends before it answers', async () => {
    const over = () => Promise.reject(new Problem('conflict', 'The kernel ended.'));
    const { records, send } = liveChannel({ supervisor: over, snapshot }, { signal });
    const sent = assert.rejects(send([]), /The kernel ended/);
    await assert.rejects(async () => {
      for await (const _ of records);
    }, /The kernel ended/);
    await sent;
  });
});
