import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fits, parseCompute, sizesFor } from './compute.ts';
import { mostIn } from './most.ts';

const two = { cores: 2, memory: 24_576, gpus: 0 };
const large = { cores: 64, memory: 262_144, gpus: 4 };
const brief = (most: typeof two) => sizesFor(most).map(({ cores, memory }) => `${cores}/${memory}`);

describe('what of the machine can be asked for', () => {
  it('is offered as far as it is there', () => {
    assert.deepEqual(brief(large), ['1/2048', '2/4096', '4/8192', '8/16384']);
    assert.deepEqual(brief(two), ['1/2048', '2/4096', '2/16384']);
    assert.deepEqual(brief({ cores: 0.5, memory: 512, gpus: 0 }), ['0.5/512']);
    assert.ok(sizesFor(two).every(fits(two)));
  });

  it('is no more than the project may take', () => {
    const limits = { cores: 1, memory: null, gpus: null, running: null, queued: null, kernels: null, disk: null, weight: 1 };
    const project = { project: 'churn', limits } as never;
    assert.deepEqual(mostIn({ machine: large, projects: [project] }, 'churn'), { ...large, cores: 1 });
    assert.deepEqual(mostIn({ machine: large, projects: [project] }, 'other'), large);
  });

  it('is refused beyond that as it is typed', () => {
    assert.deepEqual(parseCompute('cores=2 memory=1.5 minutes=3', two), { cores: 2, memory: 1536, gpus: 0, timeout: 180 });
    assert.throws(() => parseCompute('cores=4', two), /cores must be a number from 0.1 to 2, which is what can be had here/);
    assert.throws(() => parseCompute('gpus=1', two), /gpus must be a number from 0 to 0/);
    assert.throws(() => parseCompute('cores=1, memory=2', two), /no commas/);
    assert.throws(() => parseCompute('ram=1', two), /There is no "ram"/);
  });
});
