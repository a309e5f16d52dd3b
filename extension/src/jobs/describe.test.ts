import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JobExecution } from '@bine/shared';
import { executionFacts, executionLook, jobLook, scheduleLook } from './describe.ts';
import { execution } from './execution.fixture.ts';

const now = Date.parse('2026-01-01T12:03:00.000Z');

describe('an execution in the view', () => {
  const cells = { done: 2, total: 8 };
  const ended = '2026-01-01T12:00:40.000Z';
  const cases: [Partial<JobExecution>, icon: string, description: string][] = [
    [
      { state: 'queued', started: null, cause: "Queued: 3rd of ann's 12 jobs; project a uses 2 of its 2 cores." },
      'clock',
      "queued: 3rd of ann's 12 jobs; project a uses 2 of its 2 cores",
    ],
    [{ state: 'queued', started: null, cause: null }, 'clock', 'queued'],
    [{}, 'sync~spin', '3m'],
    [{ cells }, 'sync~spin', '3m · 2 of 8 cells'],
    [{ state: 'succeeded', ended, cells: { done: 8, total: 8 } }, 'pass', '2m ago · 40s'],
    [{ state: 'failed', ended, cells, cause: 'Exit code 1' }, 'error', 'Exit code 1 · 2m ago · 40s · 2 of 8 cells'],
    [{ state: 'failed', ended, cause: "Exit code 1: KeyError: 'x'" }, 'error', "KeyError: 'x' · 2m ago · 40s"],
    [{ state: 'stopped', ended, cause: 'Stopped by bob.' }, 'debug-stop', 'Stopped by bob · 2m ago · 40s'],
    [
      { state: 'timed-out', ended, trigger: 'schedule', cause: 'It did not end within its time limit of 40 s.' },
      'watch',
      'It did not end within its time limit of 40 s · 2m ago · 40s · scheduled',
    ],
  ];
  for (const [change, icon, description] of cases) {
    it(`that ${change.state ?? 'is running'} says "${description}"`, () => {
      const look = executionLook({ ...execution, ...change }, now);
      assert.deepEqual([look.label, look.icon, look.description], ['#3', icon, description]);
    });
  }

  it('says its state to whoever does not see the icon, and at the end of a log', () => {
    assert.equal(executionLook(execution, now).told, 'running 3m');
    const failed = { ...execution, state: 'failed' as const, ended, cause: 'Exit code 1' };
    assert.equal(executionLook(failed, now).told, 'failed 2m ago · Exit code 1 · 40s');
  });

  it('has what it ran on in the tooltip', () => {
    const { inputs } = execution;
    const git = { commit: 'a'.repeat(40), dirty: true };
    const compute = { cores: 2, memory: 512, gpus: 1, timeout: 3600 };
    const facts = Object.fromEntries(
      executionFacts({ ...execution, inputs: { ...inputs, git, compute, parameters: { month: 3, name: 'x' } } }),
    );
    assert.equal(facts['Commit'], 'aaaaaaaaaaaa with changes');
    assert.equal(facts['Limits'], '2 cores, 0.5 GiB, 1 GPU, at most 1h');
    assert.equal(facts['Parameters'], 'month=3 name=x');
    assert.equal('Variables' in facts, false);
  });
});

describe('a job in the view', () => {
  it('looks like its latest execution', () => {
    assert.deepEqual(jobLook('train', { ...execution, state: 'failed', cause: 'out of memory' }, now).icon, 'error');
    assert.equal(jobLook('train', null, now).description, 'not run yet');
  });
});

describe('a schedule in the view', () => {
  const schedule = {
    id: 's',
    project: 'churn',
    job: 'train',
    cron: '0 6 * * *',
    timezone: 'Europe/Stockholm',
    paused: false,
    pauseReason: null,
    missed: 'last' as const,
    snapshot: null,
    skipped: 0,
    skipCause: null,
    user: 'ada',
    created: '2026-01-01T12:00:00.000Z',
    next: ['2026-01-02T05:00:00.000Z'],
  };
  it('says its times in words, when it is next, and where that is', () => {
    assert.equal(scheduleLook(schedule).label, 'Every day at 06:00');
    assert.equal(scheduleLook({ ...schedule, cron: '0 6-18 * * *' }).label, '0 6-18 * * *');
    assert.match(scheduleLook(schedule, 'en-GB').description, /^next Fri.* 2 Jan.*06:00 · Europe\/Stockholm$/);
    assert.equal(scheduleLook({ ...schedule, paused: true }).description, 'paused · Europe/Stockholm');
    const pauseReason = 'The user "ada" was deleted. Resume it to take it over.';
    assert.equal(scheduleLook({ ...schedule, paused: true, pauseReason }).description, `paused: ${pauseReason}`);
  });
});
