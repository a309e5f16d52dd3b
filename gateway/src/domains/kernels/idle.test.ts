import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KernelRecord } from '../../ports/state/kernels.ts';
import { createIdleWatch } from './idle.ts';
import { kernelRecord } from './records.fixture.ts';
import type { End, RunningKernel } from './running-kernel.ts';

const began = Date.parse(kernelRecord().lastActivity);
const minute = 60_000;

function start({ idleMinutes = 60, ...changes }: Partial<KernelRecord> & { idleMinutes?: number } = {}) {
  let now = began;
  let record = kernelRecord(changes);
  const happened: string[] = [];
  const kernel = {
    snapshot: () => record,
    ending: () => false,
    end: async ({ state, cause }: End) => void happened.push(`${state}: ${cause}`),
  } as unknown as RunningKernel;
  const watch = createIdleWatch({
    running: () => [kernel],
    idleMinutes: async () => idleMinutes,
    warn: (_, ends) => happened.push(`warned of ${(ends.getTime() - began) / minute}`),
    now: () => now,
  });
  return {
    happened,
    change: (changes: Partial<KernelRecord>) => (record = { ...record, ...changes }),
    async at(minutes: number) {
      now = began + minutes * minute;
      await watch.sweep();
    },
  };
}

describe('an idle kernel', () => {
  it('is warned once, five minutes before, and then ended', async () => {
    const { happened, at } = start();
    for (const minutes of [54, 55, 56, 59]) await at(minutes);
    assert.deepEqual(happened, ['warned of 60']);
    await at(60);
    assert.deepEqual(happened.slice(1), ['stopped: It was idle for 60 minutes, as long as its project allows.']);
  });

  it('is warned a tenth of the time before, where the time is short', async () => {
    const { happened, at } = start({ idleMinutes: 10 });
    await at(8.9);
    assert.deepEqual(happened, []);
    await at(9);
    assert.deepEqual(happened, ['warned of 10']);
  });

  it('goes on, and is warned anew, when it is used after the warning', async () => {
    const { happened, at, change } = start();
    await at(56);
    change({ lastActivity: new Date(began + 57 * minute).toISOString() });
    await at(61);
    assert.deepEqual(happened, ['warned of 60']);
    await at(113);
    assert.deepEqual(happened, ['warned of 60', 'warned of 117']);
  });

  it('is never ended while it is busy, or where the project sets no time', async () => {
    const busy = start({ state: 'busy' });
    await busy.at(10_000);
    const free = start({ idleMinutes: 0 });
    await free.at(10_000);
    assert.deepEqual([busy.happened, free.happened], [[], []]);
  });

  it('that is dead loses its container in silence and stays dead', async () => {
    const { happened, at } = start({ state: 'dead', cause: 'It ran out of memory.' });
    await at(58);
    await at(60);
    assert.deepEqual(happened, ['dead: It ran out of memory.']);
  });
});
