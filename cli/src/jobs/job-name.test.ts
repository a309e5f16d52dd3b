import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { jobNameFor } from './job-name.ts';

describe('the name of a job', () => {
  const cases: [path: string, name: string][] = [
    ['1-features.ipynb', '1-features'],
    ['pipelines/Train Model.py', 'pipelines-train-model'],
    ['Übung.py', 'u-bung'],
    ['_.py', 'job'],
    [`${'x'.repeat(80)}/train.py`, `${'x'.repeat(57)}-train`],
  ];
  for (const [path, name] of cases) it(`of ${path.slice(-30)} is ${name.slice(-30)}`, () => assert.equal(jobNameFor(path, []), name));

  it('stays the same for the same file, whatever it was called', () => {
    assert.equal(jobNameFor('a/train.py', [{ name: 'nightly', path: 'a/train.py' }]), 'nightly');
  });

  it('has a number where another file has that name', () => {
    const jobs = [
      { name: 'train', path: 'Train.py' },
      { name: 'train-2', path: 'train.ipynb' },
    ];
    assert.equal(jobNameFor('train.py', jobs), 'train-3');
  });
});
