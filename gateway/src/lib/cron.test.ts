import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { leastGap, problemOf, ticksAfter, ticksBetween } from './cron.ts';

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
    ['no cron expression', { cron: 'every day', timezone: 'UTC' }, 'cron', /"every day" has 2 fields; write five \(minute hour/],
    ['nothing', { cron: ' ', timezone: 'UTC' }, 'cron', /has 0 fields/],
    ['too many fields', { cron: '* * * * * * *', timezone: 'UTC' }, 'cron', /has 7 fields/],
    ['an unknown nickname', { cron: '@never', timezone: 'UTC' }, 'cron', /has 1 field;/],
    [
      'a minute too high',
      { cron: '61 * * * *', timezone: 'UTC' },
      'cron',
      /^In "61 \* \* \* \*", the minute "61" cannot be used \(0 to 59;[^;]*\)$/,
    ],
    ['an hour too high', { cron: '0 24 * * *', timezone: 'UTC' }, 'cron', /the hour "24" cannot be used \(0 to 23/],
    ['a day too high', { cron: '0 0 32 * *', timezone: 'UTC' }, 'cron', /the day of the month "32" cannot be used \(1 to 31/],
    ['a month too high', { cron: '0 0 1 13 *', timezone: 'UTC' }, 'cron', /the month "13" cannot be used \(1 to 12/],
    ['no weekday', { cron: '0 0 * * FOO', timezone: 'UTC' }, 'cron', /the day of the week "FOO" cannot be used \(0 to 7/],
    ['a second too high', { cron: '60 * * * * *', timezone: 'UTC' }, 'cron', /the second "60" cannot be used/],
    ['a step of nothing', { cron: '*/0 * * * *', timezone: 'UTC' }, 'cron', /the minute "\*\/0" cannot be used/],
    ['a range the wrong way round', { cron: '0 9-5 * * *', timezone: 'UTC' }, 'cron', /the hour "9-5" cannot be used/],
    ['two wrong fields', { cron: '61 24 * * *', timezone: 'UTC' }, 'cron', /the minute "61" .* and the hour "24"/],
    ['a day that never comes', { cron: '0 0 31 2 *', timezone: 'UTC' }, 'cron', /never comes/],
    ['no time zone', { cron: '0 6 * * *', timezone: 'Mars/Olympus' }, 'timezone', /is no time zone/],
  ] as const) {
    it(`is refused with a reason: ${what}`, () => {
      const found = problemOf(when);
      assert.equal(found?.field, field);
      assert.match(found.problem, problem);
    });
  }

  it('tells how close its ticks are, with and without seconds', () => {
    const gap = (cron: string) => leastGap({ cron, timezone: 'UTC' }, at('2026-01-01T00:00:00Z'));
    assert.deepEqual(
      ['* * * * * *', '*/20 * * * * *', '* * * * *', '5 0 * * * *', '0,1 6 * * *', '0 6 * * *'].map(gap),
      [1, 20, 60, 3600, 60, 86_400],
    );
  });

  it('is accepted where it can be used', () => assert.equal(problemOf({ cron: '*/5 8-18 * * MON-FRI', timezone: 'Asia/Tokyo' }), null));
});
