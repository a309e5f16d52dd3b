import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import type { TestContext } from 'node:test';
import { createAnnouncer } from './announcer.ts';
import type { Snapshot } from './announcer.ts';
import { kernelRecord } from './records.fixture.ts';

const MiB = 2 ** 20;

function start(t: TestContext) {
  let now = 0;
  mock.timers.enable({ apis: ['setTimeout'] });
  mock.method(performance, 'now', () => now);
  t.after(() => {
    mock.timers.reset();
    mock.restoreAll();
  });
  const told: string[] = [];
  const announcer = createAnnouncer(({ state, memoryUsed }) => told.push(`${state} ${(memoryUsed ?? 0) / MiB}`));
  const note = (changes: Partial<Snapshot>) => announcer.note({ ...kernelRecord(), memoryUsed: null, cpuUsed: null, ...changes });
  const pass = (milliseconds: number) => {
    now += milliseconds;
    mock.timers.tick(milliseconds);
  };
  return { told, note, pass, announcer };
}

describe('what is told of a kernel', () => {
  it('is its first state and every change of it, at once if the last one is a while ago', (t) => {
    const { told, note, pass } = start(t);
    note({ state: 'starting' });
    pass(1000);
    note({ state: 'idle' });
    assert.deepEqual(told, ['starting 0', 'idle 0']);
  });

  it('is the outcome where the state changes faster than anybody can look', (t) => {
    const { told, note, pass } = start(t);
    note({ state: 'idle' });
    for (let cell = 0; cell < 1000; cell++) {
      note({ state: 'busy' });
      note({ state: 'idle' });
      pass(1);
    }
    note({ state: 'busy' });
    pass(1000);
    assert.ok(told.length < 6, `${told.length} events`);
    assert.equal(told.at(-1), 'busy 0');
  });

  it('is the use of memory now and then, if it changed by something', (t) => {
    const { told, note, pass } = start(t);
    note({ memoryUsed: 100 * MiB });
    for (let second = 0; second < 60; second++) {
      note({ memoryUsed: (100 + second * 10) * MiB });
      pass(1000);
    }
    assert.equal(told.length, 7);
    const before = told.length;
    for (let second = 0; second < 60; second++) {
      note({ memoryUsed: (690 + (second % 3)) * MiB });
      pass(1000);
    }
    assert.ok(told.length <= before + 1);
  });

  it('is told at once when asked, and not twice', (t) => {
    const { told, note, pass, announcer } = start(t);
    note({ state: 'idle' });
    note({ state: 'stopped' });
    announcer.flush();
    pass(10_000);
    assert.deepEqual(told, ['idle 0', 'stopped 0']);
  });
});
