import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { kernelRecord } from './records.fixture.ts';
import { kernelWorkload, recordFromFacts } from './workload.ts';

const record = kernelRecord({ notebook: 'train/größe.ipynb', cores: 2.5, gpus: 2, state: 'busy', head: 7 });

const spec = kernelWorkload({
  record,
  gpus: ['1', '3'],
  image: 'sha256:x',
  project: { name: 'p', files: '/home/p', owner: { uid: 2_000_000, gid: 2_000_000 } },
  directory: '/home/k1',
  secrets: null,
});

describe('a kernel’s workload', () => {
  it('says by its facts whose it is, well enough to go on without the database', () => {
    // What only the supervisor knows is asked of it.
    assert.deepEqual(recordFromFacts(spec), { ...record, state: 'starting', epoch: 0, head: 0 });
    assert.equal(recordFromFacts({ projectId: 'p', facts: {}, gpus: [] }), null);
  });

  it('has no more threads a library than it has cores', () => {
    assert.equal(spec.environment['OMP_NUM_THREADS'], '2');
  });

  it('sees its project and its own folder, nothing else', () => {
    assert.deepEqual(spec.files, [
      { source: '/home/p', path: '/project' },
      { source: '/home/k1', path: '/bine' },
    ]);
  });
});
