import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Problem } from '@bine/shared/problems';
import type { LogRecord, Supervisor } from '../../ports/kernel-agent.ts';
import { kernelRecord } from './records.fixture.ts';
import { withoutUse } from './registry.ts';
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
  const snapshot = () => withoutUse(kernelRecord());
  const ending = () => false;

  it('lets whoever sends at once hear all that comes of it', async () => {
    const supervisor = chattySupervisor();
    const { records, send } = liveChannel({ supervisor: async () => supervisor, snapshot, ending }, { user: 'ada', signal });
    const sent = send([]);
    const heard = [];
    for await (const { seq } of records) {
      heard.push(seq);
      if (seq === 1) break;
    }
    await sent;
    assert.deepEqual(heard, [0, 1]);
  });

  it('takes nothing from others than its user where it has secrets of its user', async () => {
    const supervisor = chattySupervisor();
    const hidden = () => withoutUse(kernelRecord({ user: 'ada', private: true }));
    for (const [user, refused] of [
      ['ann', true],
      ['ada', false],
    ] as const) {
      const { records, send } = liveChannel({ supervisor: async () => supervisor, snapshot: hidden, ending }, { user, signal });
      const sent = send([]).then(
        () => false,
        (error: Problem) => error.code === 'missing-role' && error.message.includes('secrets of ada'),
      );
      for await (const _ of records) break;
      assert.equal(await sent, refused);
    }
  });

  it('takes nothing any more while the kernel is shut down, since it would not be run', async () => {
    const supervisor = chattySupervisor();
    let isEnding = false;
    const kernel = { supervisor: async () => supervisor, snapshot, ending: () => isEnding };
    const { records, send } = liveChannel(kernel, { user: 'ada', signal });
    for await (const _ of records) break;
    await send([]);
    isEnding = true;
    await assert.rejects(send([]), { code: 'conflict', message: /being shut down/ });
  });

  it('says why what waits to be sent is not, when the kernel ends before it answers', async () => {
    const over = () => Promise.reject(new Problem('conflict', 'The kernel ended.'));
    const { records, send } = liveChannel({ supervisor: over, snapshot, ending }, { user: 'ada', signal });
    const sent = assert.rejects(send([]), /The kernel ended/);
    await assert.rejects(async () => {
      for await (const _ of records);
    }, /The kernel ended/);
    await sent;
  });
});
