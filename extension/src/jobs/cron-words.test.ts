import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cronWords, readCron } from './cron-words.ts';

describe('the times of a schedule', () => {
  const cases: [cron: string, words: string][] = [
    ['* * * * *', 'Every minute'],
    ['*/15 * * * *', 'Every 15 minutes'],
    ['0 * * * *', 'Every hour'],
    ['5 * * * *', 'Every hour at 05 past'],
    ['0 6 * * *', 'Every day at 06:00'],
    ['30 7 * * 1-5', 'Every weekday at 07:30'],
    ['0 18 * * 1', 'Every Monday at 18:00'],
    ['0 18 * * 1,3,5', 'Every Monday, Wednesday and Friday at 18:00'],
    ['0 0 1 * *', 'On day 1 of every month at 00:00'],
  ];
  for (const [cron, words] of cases) {
    it(`${cron} is "${words}", there and back`, () => {
      assert.equal(cronWords(cron), words);
      assert.deepEqual(readCron(words), { cron });
    });
  }

  it('have other words for some of them', () => {
    assert.equal(cronWords('0 6 * * MON-FRI'), 'Every weekday at 06:00');
    assert.equal(cronWords('0 6 * * 7'), 'Every Sunday at 06:00');
    assert.deepEqual(readCron('daily at 6'), { cron: '0 6 * * *' });
    assert.deepEqual(readCron('every 2 hours'), { cron: '0 */2 * * *' });
    assert.deepEqual(readCron('on mondays at 9:15'), { cron: '15 9 * * 1' });
  });

  for (const cron of ['0 6 1 1 *', '0 6 1 * 1', '*/7 * * * *', '0 0 6 * * *', '0 6-18 * * *', '@daily']) {
    it(`that are ${cron} are left to cron`, () => assert.equal(cronWords(cron), undefined));
  }

  it('are taken as cron writes them', () => assert.deepEqual(readCron(' 0 6-18/2 * JAN 1-5 '), { cron: '0 6-18/2 * JAN 1-5' }));

  for (const typed of [
    '',
    'tomorrow',
    'every day at 25:00',
    'every 7 minutes',
    'on day 0 of every month at 6',
    '0 6 * *',
    'every someday at 6',
  ]) {
    it(`are not "${typed}"`, () => assert.match(JSON.stringify(readCron(typed)), /every day at 06:00/));
  }
});
