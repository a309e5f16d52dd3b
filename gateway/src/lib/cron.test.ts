import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { problemOf, ticksAfter, ticksBetween } from './cron.ts';

const at = (time: string) => new Date(time);
const times = (ticks: Date[]) => ticks.map((tick) => tick.toISOString());

describe('a cron expression', () => {
  it('is due by the clock of its time zone, also when that clock is changed', () => {
    const when = { cron: '0 6 * * *', timezone: 'Europe/Stockholm' };
    assert.deepEqual(times(ticksAfter(when, at('2026-03-28T00:00:00Z'), 2)), ['2026-03-28T05:00:00.000Z', '2026-03-29T04:00:00.000Z']);
  });

  it('can have seconds in front', () => {
    const when = { cron: '*/20 * * * * *', timezone: 'UTC' };
    assert.deepEqual(times(ticksAfter(when, at('2026-01-01T00:00:00Z'), 2)), ['2026-01-01T00:00:20.000Z', '2026-01-01T00:00:40.000Z']);
  });

  it('tells which ticks lie between two moments, the end with them and the beginning without', () => {
    const when = { cron: '0 * * * *', timezone: 'UTC' };
    const between = { after: at('2026-01-01T10:00:00Z'), until: at('2026-01-01T12:00:00Z') };
    assert.deepEqual(times(ticksBetween(when, { ...between, most: 5 })), ['2026-01-01T11:00:00.000Z', '2026-01-01T12:00:00.000Z']);
    assert.deepEqual(times(ticksBetween(when, { ...between, most: 1 })), ['2026-01-01T12:00:00.000Z']);
    assert.deepEqual(ticksBetween(when, { after: between.until, until: between.until, most: 5 }), []);
  });

  for (const [what, when, field, problem] of [
    ['no cron expression', { cron: 'every day', timezone: 'UTC' }, 'cron', /is not five fields/],
    ['a minute too high', { cron: '61 * * * *', timezone: 'UTC' }, 'cron', /is not five fields/],
    ['a day that never comes', { cron: '0 0 31 2 *', timezone: 'UTC' }, 'cron', /never comes/],
    ['no time zone', { cron: '0 6 * * *', timezone: 'Mars/Olympus' }, 'timezone', /is no time zone/],
  ] as const) {
    it(`is refused with a reason: ${what}`, () => {
      const found = problemOf(when);
      assert.equal(found?.field, field);
      assert.match(found.problem, problem);
    });
  }

  it('is accepted where it can be used', () => assert.equal(problemOf({ cron: '*/5 8-18 * * MON-FRI', timezone: 'Asia/Tokyo' }), null));
});
