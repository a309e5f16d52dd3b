import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gpusFromLabels, kernelContainer, kernelsOf, recordFromLabels } from './container.ts';
import { kernelRecord } from './records.fixture.ts';

const record = kernelRecord({ notebook: 'train/größe.ipynb', cores: 2.5, gpus: 2, state: 'busy', head: 7 });

const spec = kernelContainer({
  record,
  gpus: ['1', '3'],
  image: 'sha256:x',
  gateway: 'g1',
  project: { name: 'p', files: '/home/p', owner: { uid: 2_000_000, gid: 2_000_000 } },
  names: [],
  directory: '/home/k1',
  secrets: null,
  certificates: { mounts: [{ source: '/ca', target: '/ca', readOnly: true }], environment: { SSL_CERT_FILE: '/ca' } },
});

describe('a kernel’s container', () => {
  it('says by its labels whose it is, well enough to go on without the database', () => {
    for (const [name, value] of Object.entries(kernelsOf('g1'))) assert.equal(spec.labels[name], value);
    // What only the supervisor knows is asked of it.
    assert.deepEqual(recordFromLabels(spec.labels), { ...record, state: 'starting', epoch: 0, head: 0 });
    assert.deepEqual(gpusFromLabels(spec.labels), ['1', '3']);
    assert.equal(recordFromLabels({ 'bine.role': 'kernel' }), null);
  });

  it('has no more threads a library than it has cores', () => {
    assert.equal(spec.environment?.OMP_NUM_THREADS, '2');
  });

  it('sees its project, its own folder and the trusted certificates, nothing else', () => {
    assert.deepEqual(
      spec.mounts?.map(({ source, target, readOnly = false }) => `${source} ${target} ${readOnly}`),
      ['/ca /ca true', '/home/p /project false', '/home/k1 /bine false'],
    );
  });
});
