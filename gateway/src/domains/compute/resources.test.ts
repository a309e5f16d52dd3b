import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Problem } from '@bine/shared/problems';
import { pickGpus, refuseImpossible } from './resources.ts';

const machine = { memory: 24_000, cores: 2, gpus: 1 };

describe('a kernel’s wishes', () => {
  it('are granted up to what the machine has', () => refuseImpossible(machine, machine));

  for (const [field, wanted, numbers] of [
    ['memory', 24_001, /24001 MiB, but this machine has 24000 MiB/],
    ['cores', 2.5, /2.5 cores, but this machine has 2/],
    ['gpus', 2, /2 GPUs, but this machine has 1/],
  ] as const) {
    it(`are refused with the numbers where the machine can never grant them: ${field}`, () => {
      assert.throws(
        () => refuseImpossible({ memory: 1, cores: 1, gpus: 0, [field]: wanted }, machine),
        (error: unknown) => {
          assert.ok(error instanceof Problem);
          assert.equal(error.code, 'invalid');
          assert.match(error.message, numbers);
          assert.deepEqual(
            error.fields?.map((one) => one.field),
            [field],
          );
          return true;
        },
      );
    });
  }
});

describe('GPUs', () => {
  it('are given to one kernel only', () => {
    assert.deepEqual(pickGpus(2, 4, ['0', '2']), ['1', '3']);
    assert.throws(() => pickGpus(2, 2, ['0']), /only 1 of 2 are free/);
  });
});
