import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeLimit, limitFacts, readLimit } from './limits.ts';

const limits = { cores: 4, memory: 16_384, gpus: null, running: null, queued: 1000, kernels: 3, disk: 500, weight: 2 };
const use = { cores: 1.5, memory: 512, gpus: 0, running: 1, queued: 0, kernels: 2, disk: null, diskMeasured: null };

describe('the limits of a project', () => {
  it('are shown with what is used of them, and what has no limit and no use is not', () => {
    assert.deepEqual(limitFacts({ limits, use }), [
      ['Cores', '1.5 of 4'],
      ['Memory', '512 MiB of 16 GiB'],
      ['Running executions', 'no limit, 1 used'],
      ['Queued executions', '0 of 1000'],
      ['Kernels', '2 of 3'],
      ['Disk space', '500 MiB, use not measured yet'],
      ['Share of the queue', 'weight 2'],
    ]);
    assert.equal(describeLimit({ limits, use }, 'gpus'), 'no limit, 0 used');
  });

  for (const [key, text, expected] of [
    ['cores', ' 2.5 ', { cores: 2.5 }],
    ['cores', 'none', { cores: 'none' }],
    ['disk', 'default', { disk: 'default' }],
    ['weight', '0.5', { weight: 0.5 }],
    ['queued', '0', { queued: 0 }],
    ['queued', '1.5', undefined],
    ['cores', '-1', undefined],
    ['cores', '', undefined],
    ['cores', 'lots', undefined],
    ['weight', 'none', undefined],
    ['weight', '0', undefined],
  ] as const) {
    it(`of ${key} can${expected ? '' : 'not'} be typed as "${text}"`, () => assert.deepEqual(readLimit(key, text), expected));
  }
});
