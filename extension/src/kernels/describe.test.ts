import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Kernel } from '@bine/shared';
import { hasJustDied, kernelFacts, kernelFolder, kernelLook } from './describe.ts';

const now = Date.parse('2026-01-01T12:00:00.000Z');
const kernel: Kernel = {
  id: 'k',
  project: 'p',
  environment: 'python-training',
  revision: null,
  notebook: 'models/train.ipynb',
  state: 'idle',
  cause: null,
  user: 'ada',
  memory: 2048,
  cores: 1,
  gpus: 0,
  secrets: [],
  private: false,
  started: '2026-01-01T11:00:00.000Z',
  lastActivity: '2026-01-01T11:57:00.000Z',
  epoch: 1,
  head: 1,
  memoryUsed: 300 * 2 ** 20,
  cpuUsed: 0.004,
};

describe('a kernel in the view', () => {
  it('is called after its notebook, else after its environment', () => {
    assert.equal(kernelLook(kernel, now).label, 'train.ipynb');
    assert.equal(kernelLook({ ...kernel, notebook: null }, now).label, 'python-training');
    assert.equal(kernelFolder(kernel), 'models');
  });

  const cases: [Partial<Kernel>, icon: string, description: string][] = [
    [{}, 'circle-outline', 'idle 3m · 300 MiB'],
    [{ state: 'busy', cpuUsed: 1.5 }, 'sync~spin', 'busy · 300 MiB · 150% CPU'],
    [{ state: 'building', memoryUsed: null, cpuUsed: null }, 'sync~spin', 'building its environment'],
    [{ state: 'dead', cause: 'out of memory' }, 'error', 'died: out of memory'],
    [{ state: 'stopped' }, 'debug-stop', 'shut down 3m ago'],
  ];
  for (const [change, icon, description] of cases) {
    it(`that is ${change.state ?? 'idle'} says so`, () => {
      const look = kernelLook({ ...kernel, ...change }, now);
      assert.deepEqual([look.icon, look.description], [icon, description]);
    });
  }

  it('is told of when it died, until its notebook has another one or a day has gone', () => {
    const dead: Kernel = { ...kernel, state: 'dead', cause: 'out of memory' };
    const newer: Kernel = { ...kernel, id: 'l', started: '2026-01-01T11:59:00.000Z' };
    assert.equal(hasJustDied(dead, [dead], now), true);
    assert.equal(hasJustDied(dead, [dead, { ...newer, notebook: 'other.ipynb' }], now), true);
    assert.equal(hasJustDied(dead, [dead, newer], now), false);
    assert.equal(hasJustDied(dead, [dead], now + 24 * 3_600_000), false);
    assert.equal(hasJustDied({ ...dead, state: 'stopped' }, [], now), false);
  });

  it('has its limits in the tooltip', () => {
    const facts = Object.fromEntries(kernelFacts(kernel));
    assert.equal(facts['Memory'], '300 MiB of 2 GiB');
    assert.equal(facts['CPU'], '0% of a core, limit 1 core');
    assert.equal('GPUs' in facts, false);
  });
});
