import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { Problem } from '@bine/shared/problems';
import { createQueue } from './queue.ts';
import type { Others } from './queue.ts';

const machine = { cores: 4, memory: 8000, gpus: 2 };
const small = { cores: 1, memory: 1000, gpus: 0 };

function startQueue(t: TestContext, { share = 1, others = { memory: 0, gpus: [] } }: { share?: number; others?: Others } = {}) {
  const started: string[] = [];
  const waits: Record<string, string> = {};
  const queue = createQueue({ machine: async () => machine, share, others: () => others, onError: (error) => assert.fail(error as Error) });
  t.after(queue.close);
  const add = async (id: string, wanted: typeof small) => {
    queue.add({ id, wanted, start: (gpus) => started.push([id, ...gpus].join(' ')), onWait: (why) => (waits[id] = why) });
    await new Promise(setImmediate);
  };
  return { queue, add, started, waits };
}

describe('the queue of executions', () => {
  it('lets nobody overtake, so that who asks for much gets its turn', async (t) => {
    const { queue, add, started, waits } = startQueue(t);
    await add('three', { ...small, cores: 3 });
    await add('two', { ...small, cores: 2 });
    await add('one', small);
    assert.deepEqual(started, ['three']);
    assert.deepEqual(waits, { two: 'Waits for 2 cores (1 of 4 are free).', one: 'Waits for those that came before it.' });
    queue.release('three');
    await new Promise(setImmediate);
    assert.deepEqual(started, ['three', 'two', 'one']);
  });

  it('goes on with the next when the first leaves', async (t) => {
    const { queue, add, started } = startQueue(t);
    await add('all', { ...small, cores: 4 });
    await add('more', { ...small, cores: 4 });
    queue.release('all');
    assert.equal(queue.leave('more'), true);
    assert.equal(queue.leave('more'), false);
    await add('one', small);
    assert.deepEqual(started, ['all', 'one']);
  });

  it('counts what kernels use of the memory, and which GPUs they have', async (t) => {
    const { add, started, waits } = startQueue(t, { others: { memory: 7500, gpus: ['0'] } });
    await add('gpu', { cores: 1, memory: 400, gpus: 1 });
    await add('memory', { ...small, memory: 200 });
    assert.deepEqual(started, ['gpu 1']);
    assert.equal(waits['memory'], 'Waits for 200 MiB of memory (100 of 8000 are free).');
  });

  it('counts what was running before the gateway started', async (t) => {
    const { queue, add, started } = startQueue(t);
    queue.hold('old', { cores: 4, memory: 100, gpus: 1 }, ['0']);
    await add('one', small);
    assert.deepEqual([started, queue.gpus()], [[], ['0']]);
    queue.release('old');
    await new Promise(setImmediate);
    assert.deepEqual(started, ['one']);
  });

  it('refuses at once what its share of the machine can never hold', async (t) => {
    const { queue } = startQueue(t, { share: 0.5 });
    await queue.refuseImpossible({ cores: 2, memory: 4000, gpus: 2 });
    await assert.rejects(queue.refuseImpossible({ cores: 2.5, memory: 4001, gpus: 0 }), (error: Problem) => {
      assert.deepEqual(
        error.fields?.map(({ field }) => field),
        ['memory', 'cores'],
      );
      return /The job asks for more than there is: 4001 MiB.*2.5 cores/.test(error.message);
    });
  });
});
