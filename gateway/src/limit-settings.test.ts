import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { defaultLimits, readLimitSettings } from './limit-settings.ts';

describe('the settings of limits', () => {
  it('have defaults that limit nothing but the queue', () => {
    assert.deepEqual(readLimitSettings({}, {}), {
      projectLimits: { cores: null, memory: null, gpus: null, running: null, queued: 1000, kernels: null, disk: null, weight: 1 },
      kernelOvercommit: 2,
      minScheduleInterval: 60,
      disk: { scanSeconds: 60, graceSeconds: 300 },
    });
  });

  it('come from flags before variables', () => {
    const env = { BINE_PROJECT_LIMITS: 'cores=1', BINE_MIN_SCHEDULE_INTERVAL: '5', BINE_DISK_GRACE: '0' };
    const settings = readLimitSettings({ 'project-limits': ' cores = 2.5 ,queued=none, weight=2,', 'min-schedule-interval': '10' }, env);
    assert.deepEqual(settings.projectLimits, { ...defaultLimits, cores: 2.5, queued: null, weight: 2 });
    assert.deepEqual([settings.minScheduleInterval, settings.disk.graceSeconds], [10, 0]);
  });

  for (const [flags, pattern] of [
    [{ 'project-limits': 'cpus=2' }, /"cpus=2" is no limit of projects; write NAME=NUMBER with one of cores, memory/],
    [{ 'project-limits': 'cores' }, /"cores" is no limit/],
    [{ 'project-limits': 'cores=many' }, /The limit "cores=many" cannot be used/],
    [{ 'project-limits': 'cores=-1' }, /The limit "cores=-1" cannot be used/],
    [{ 'project-limits': 'weight=none' }, /The limit "weight=none" cannot be used/],
    [{ 'project-limits': 'toString=1' }, /"toString=1" is no limit/],
    [{ 'kernel-overcommit': '0.5' }, /--kernel-overcommit or BINE_KERNEL_OVERCOMMIT must be a number from 1 to 100, not "0.5"/],
    [{ 'min-schedule-interval': '0' }, /must be a number from 1/],
    [{ 'disk-scan': 'often' }, /--disk-scan .* not "often"/],
    [{ 'disk-grace': '' }, /--disk-grace .* not ""/],
  ] as const) {
    it(`say which of them cannot be used: ${JSON.stringify(flags)}`, () => {
      assert.throws(() => readLimitSettings(flags, {}), { name: 'TypeError', message: pattern });
    });
  }
});
