import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Job } from '@bine/shared';
import { createMemory, defaultChoice, jobFor, usualCompute } from './choices.ts';

const job: Job = {
  project: 'churn',
  name: 'train',
  type: 'python',
  path: 'train.py',
  environment: 'python-training',
  compute: { cores: 2, memory: 4096, gpus: 0, timeout: 60 },
  arguments: ['--fast'],
  parameters: {},
  variables: {},
  secrets: [],
  keep: 50,
  created: '2026-01-01T00:00:00.000Z',
  user: 'ada',
};
const has = { environment: job.environment, compute: job.compute, arguments: job.arguments, parameters: {}, secrets: [] };
const other = { environment: 'python-feature', compute: usualCompute, arguments: [], parameters: {}, secrets: [] };

describe('what a file runs in without a question', () => {
  const cases: [what: string, known: Partial<Parameters<typeof defaultChoice>[0]>, expected: object][] = [
    ['is what was chosen the last time', { remembered: other }, other],
    ['else what its job has', {}, has],
    ['else what the notebook names', { path: 'a.ipynb', named: 'python-inference' }, { ...other, environment: 'python-inference' }],
    ['else the environment of the latest job', { path: 'b.py' }, { ...other, environment: 'python-training' }],
  ];
  for (const [what, known, expected] of cases) {
    it(what, () =>
      assert.deepEqual(defaultChoice({ path: 'train.py', jobs: [job], remembered: undefined, named: undefined, ...known }), expected),
    );
  }
});

describe('the job of a file', () => {
  it('is changed only when something is different', () => {
    assert.deepEqual(jobFor('train.py', has, [job]), { name: 'train', change: null });
    assert.deepEqual(jobFor('train.py', other, [job]), { name: 'train', change: other });
    assert.deepEqual(jobFor('new.py', has, [job]), { name: 'new', change: has });
  });
});

describe('the memory of choices', () => {
  it('keeps the latest, and forgets the oldest', async () => {
    const kept = new Map<string, unknown>();
    const state = {
      get: (key: string, fallback: unknown) => kept.get(key) ?? fallback,
      update: async (key: string, value: unknown) => void kept.set(key, value),
    };
    const memory = createMemory(state as never);
    const folder = (name: string) => ({ toString: () => `file:///${name}` }) as never;
    for (let count = 0; count <= 300; count++) await memory.rememberProject(folder(`f${count}`), 'churn');
    assert.equal(memory.projectOf(folder('f300')), 'churn');
    assert.equal(memory.projectOf(folder('f0')), undefined);
  });
});
