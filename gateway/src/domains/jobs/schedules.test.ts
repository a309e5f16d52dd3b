import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { Problem } from '@bine/shared/problems';
import { createDisk } from '../../adapters/disk/disk.ts';
import { createExecutionFolders } from '../../adapters/disk/execution-folders.ts';
import { createSnapshotStore } from '../../adapters/disk/snapshot-store.ts';
import { createDocker } from '../../adapters/docker/docker.ts';
import { followLog } from '../../adapters/runner/log.ts';
import { addNote } from '../../adapters/runner/note.ts';
import { readEnd, readProgress, readUsage, watchFolder } from '../../adapters/runner/told.ts';
import { createExecutionRows } from '../../adapters/store/executions.ts';
import { createJobRows } from '../../adapters/store/jobs.ts';
import { createScheduleRows } from '../../adapters/store/schedules.ts';
import { openStore } from '../../adapters/store/store.ts';
import type { Events } from '../events/events.ts';
import { limitsForTests } from '../capacity/limits.fixture.ts';
import { createDockerCompute } from '../../adapters/docker/compute.ts';
import { createProjectNetworks } from '../../adapters/docker/networks.ts';
import { secretsOn } from '../secrets/secrets.fixture.ts';
import { createJobs } from './jobs.ts';

const by = 'ann';
const noon = Date.parse('2026-05-01T12:30:00Z');
const hour = 3_600_000;
const owner = { uid: 1000, gid: 1000 };

/** A gateway's home, on which jobs can come and go at any time; without a container engine, so that executions wait. */
async function startHome(t: TestContext) {
  const home = await mkdtemp(join(tmpdir(), 'bine-schedules-'));
  const project = { id: 'p1', name: 'p', files: join(home, 'p1/files'), bin: join(home, 'p1/bin'), idleMinutes: 60, owner };
  await mkdir(project.files, { recursive: true });
  t.after(() => rm(home, { recursive: true }));
  const compute = { cores: 1, memory: 128, gpus: 0, timeout: null };
  const empty = { arguments: [], parameters: {}, variables: {} };
  const job = { project: 'p', job: 'a', path: 'a.py', environment: 'any', compute, keep: 5, ...empty };

  const gone = new Set<string>();

  async function start(now: number, publish: Events['publish'] = () => undefined, more: { leastInterval?: number; queued?: number } = {}) {
    const { leastInterval = 60, queued = 1000 } = more;
    const { db, ...store } = await openStore(join(home, 'bine.db'));
    const secrets = await secretsOn({ db, home, gateway: 'g', project });
    const docker = createDocker({ host: `unix://${join(home, 'none.sock')}` });
    const disk = createDisk();
    const rows = { jobs: createJobRows(db), executions: createExecutionRows(db) };
    const schedules = createScheduleRows(db);
    const onError = (error: unknown) => assert.fail(error as Error);
    const networks = createProjectNetworks({ docker, firewall: noFirewall, gateway: 'g', onError });
    const certificates = { mounts: [], environment: {} };
    const compute = createDockerCompute({ docker, networks, gateway: 'g', accountNames: async () => [], certificates });
    const jobs = createJobs({
      compute,
      disk,
      rows,
      schedules,
      onError,
      environments: { find: async () => null, ensure: async () => ({ image: '', revision: null }) },
      events: { publish },
      secrets,
      folders: createExecutionFolders(home),
      store: createSnapshotStore(home),
      runner: { readEnd, readProgress, readUsage, watchFolder, followLog, addNote },
      projects: { folder: async () => project, byId: async () => project },
      ...limitsForTests({ machine: () => docker.capacity(), limits: () => ({ queued }) }),
      leastInterval,
      whyNot: async (user) => (gone.has(user) ? `The user "${user}" was deleted.` : null),
      stateOf: async () => null,
      now: () => now,
    });
    await jobs.reconcile();
    const ticks = async () =>
      (await jobs.executions.list('p', { limit: 1000 })).map(({ inputs }) => inputs.logicalTime?.slice(11, 16)).toReversed();
    let stopped = false;
    const stop = async () => {
      if (stopped) return;
      stopped = true;
      await jobs[Symbol.asyncDispose]();
      await disk[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    };
    t.after(stop);
    return { jobs, schedules, secrets, db, ticks, stop };
  }
  return { start, job, gone };
}

/** Nothing runs here. */
const noFirewall = { bridgeOf: () => 'none', ensure: async () => noFirewall.state(), state: () => ({ enforced: false, reason: null }) };

const hourly = { project: 'p', job: 'a', cron: '0 * * * *', timezone: 'UTC' };

describe('the environment of a job', () => {
  it('knows the jobs that use it, and takes them along when it is renamed', async (t) => {
    const { start, job } = await startHome(t);
    const { jobs } = await start(noon);
    await jobs.put(job, by);
    assert.deepEqual(await jobs.usersOf('p1', 'any'), [{ type: 'job', id: 'a', title: 'a', revision: null }]);
    await jobs.renameEnvironment('p1', 'any', 'mine');
    assert.deepEqual(await jobs.usersOf('p1', 'any'), []);
    assert.equal((await jobs.get({ project: 'p', job: 'a' })).environment, 'mine');
  });

  it('has its new name for an execution that waits, too', async (t) => {
    const { start, job } = await startHome(t);
    const first = await start(noon);
    await first.jobs.put(job, by);
    await first.jobs.schedules.create({ ...hourly, missed: 'last' }, by);
    await first.stop();
    const told = Promise.withResolvers<void>();
    const { jobs } = await start(noon + hour, ({ type }) => type === 'execution.changed' && told.resolve());
    // It makes up for a tick, and waits because there is no engine.
    await told.promise;
    await jobs.renameEnvironment('p1', 'any', 'mine');
    const [waiting] = await jobs.executions.list('p', { limit: 1 });
    assert.deepEqual([waiting?.state, waiting?.inputs.environment], ['queued', 'mine']);
  });
});

describe('a schedule', () => {
  it("brings a user's own secrets only to a job that this user wrote last, also while the engine is away", async (t) => {
    const { start, job } = await startHome(t);
    const first = await start(noon);
    for (const name of ['ann', 'bea']) await first.db.insertInto('users').values({ name, admin: 0, created: '' }).execute();
    await first.secrets.setMine({ name: 'TOKEN', value: 'of ann', encoding: 'utf8' }, 'ann');
    const withSecret = { ...job, secrets: [{ name: 'TOKEN', as: 'file' as const }] };
    await first.jobs.put(withSecret, 'ann');
    await first.jobs.schedules.create({ ...hourly, missed: 'last' }, 'ann');
    const second = await tickOf(first, 1);
    assert.equal(second.state, 'queued');
    await second.jobs.put(withSecret, 'bea');
    const third = await tickOf(second, 2);
    assert.equal(third.state, 'failed');
    assert.match(third.cause ?? '', /The job was changed by bea, and secrets of ann go by schedule only to what ann wrote/);

    async function tickOf(before: { stop(): Promise<void> }, hours: number) {
      await before.stop();
      const told = Promise.withResolvers<void>();
      const next = await start(noon + hours * hour, (event) => {
        if (event.type === 'execution.changed' && event.data.number === hours) told.resolve();
      });
      await told.promise;
      const [newest] = await next.jobs.executions.list('p', { limit: 1 });
      return { ...next, state: newest!.state, cause: newest!.cause };
    }
  });

  for (const [missed, expected] of [
    ['none', []],
    ['last', ['16:00']],
    ['all', ['13:00', '14:00', '15:00', '16:00']],
  ] as const) {
    it(`makes up for ${missed} of the ticks that came while the gateway was down, each once`, async (t) => {
      const { start, job } = await startHome(t);
      const first = await start(noon);
      await first.jobs.put(job, by);
      const { id, next } = await first.jobs.schedules.create({ ...hourly, missed }, by);
      assert.deepEqual(
        next.map((time) => time.slice(11, 16)),
        ['13:00', '14:00', '15:00', '16:00', '17:00'],
      );
      await first.stop();
      const second = await start(noon + 4 * hour);
      await second.stop();
      const third = await start(noon + 4 * hour);
      assert.deepEqual(await third.ticks(), expected);
      // As if the second gateway had died before it remembered what it had done.
      await third.schedules.update(id, { seen: new Date(noon).toISOString() });
      await third.stop();
      const fourth = await start(noon + 4 * hour);
      await fourth.stop();
      assert.deepEqual(await (await start(noon + 4 * hour)).ticks(), expected);
    });
  }

  it('is not late within a minute, whatever it says of missed ticks', async (t) => {
    const { start, job } = await startHome(t);
    const first = await start(noon);
    await first.jobs.put(job, by);
    await first.jobs.schedules.create({ ...hourly, missed: 'none' }, by);
    await first.stop();
    const second = await start(noon + hour / 2 + 60_000);
    await second.stop();
    assert.deepEqual(await (await start(noon + hour / 2 + 60_000)).ticks(), ['13:00']);
  });

  it('is late after a minute', async (t) => {
    const { start, job } = await startHome(t);
    const first = await start(noon);
    await first.jobs.put(job, by);
    await first.jobs.schedules.create({ ...hourly, missed: 'none' }, by);
    await first.stop();
    const second = await start(noon + hour / 2 + 60_001);
    await second.stop();
    assert.deepEqual(await (await start(noon + hour / 2 + 60_001)).ticks(), []);
  });

  it('comes no more often than the gateway allows, with seconds or without', async (t) => {
    const { start, job } = await startHome(t);
    const { jobs, stop } = await start(noon);
    await jobs.put(job, by);
    for (const cron of ['* * * * * *', '0,30 * * * * *', '*/59 * * * * *']) {
      await assert.rejects(jobs.schedules.create({ ...hourly, cron, missed: 'last' }, by), (error: Problem) => {
        assert.match(error.message, /comes every \d+ s; schedules must leave 60 s between two times.*--min-schedule-interval/);
        return error.code === 'invalid' && error.fields?.[0]?.field === 'cron';
      });
    }
    const { id } = await jobs.schedules.create({ ...hourly, cron: '5 * * * * *', missed: 'last' }, by);
    await assert.rejects(jobs.schedules.update({ project: 'p', schedule: id, cron: '5,6 * * * * *' }, by), { code: 'invalid' });
    await stop();
    const hasty = await start(noon, undefined, { leastInterval: 1 });
    await hasty.jobs.schedules.update({ project: 'p', schedule: id, cron: '* * * * * *' }, by);
  });

  const everySecond = { ...hourly, cron: '* * * * * *', missed: 'none' } as const;
  for (const [what, more, skipCause] of [
    ['the execution of an earlier one waits', { leastInterval: 1 }, /An earlier one of its executions still waited/],
    ['it comes too soon, as it was allowed before', { leastInterval: 60 }, /Less than 60 s after the one before/],
    ['the project has reached its limit', { leastInterval: 1, queued: 0 }, /uses 0 queued executions of 0/],
  ] as const) {
    it(`leaves out ticks, counts them and says why, while ${what}`, async (t) => {
      const { start, job } = await startHome(t);
      const first = await start(noon, undefined, { leastInterval: 1 });
      await first.jobs.put(job, by);
      for (let number = 0; number < 20; number++) await first.jobs.schedules.create(everySecond, by);
      await first.stop();
      const told = Promise.withResolvers<void>();
      const events: number[] = [];
      const onEvent: Events['publish'] = (event) => {
        if (event.type === 'schedule.changed' && events.push(event.data.skipped) === 20) told.resolve();
      };
      const second = await start(noon + 6000, onEvent, more);
      await told.promise;
      const executed = 'queued' in more ? 0 : 1;
      assert.deepEqual(new Set(events), new Set([6 - executed]));
      assert.equal((await second.ticks()).length, 20 * executed);
      await second.stop();
      const [schedule] = await (await start(noon + 6000)).jobs.schedules.list('p');
      assert.equal(schedule?.skipped, 6 - executed);
      assert.match(schedule.skipCause ?? '', skipCause);
    });
  }

  it('does nothing while it is paused, and makes up for nothing of that time when it goes on', async (t) => {
    const { start, job } = await startHome(t);
    const first = await start(noon);
    await first.jobs.put(job, by);
    const { id } = await first.jobs.schedules.create({ ...hourly, missed: 'all' }, by);
    const paused = await first.jobs.schedules.update({ project: 'p', schedule: id, paused: true }, 'ann');
    assert.deepEqual([paused.paused, paused.next], [true, []]);
    await first.stop();
    const second = await start(noon + 4 * hour);
    assert.equal((await second.jobs.schedules.update({ project: 'p', schedule: id, paused: false }, 'ann')).next.length, 5);
    await second.stop();
    assert.deepEqual(await (await start(noon + 4 * hour)).ticks(), []);
  });

  it('is refused where it makes no sense, and goes with its job', async (t) => {
    const { start, job } = await startHome(t);
    const { jobs } = await start(noon);
    await jobs.put(job, by);
    await assert.rejects(
      jobs.schedules.create({ ...hourly, cron: 'daily', missed: 'last' }, by),
      (error: Problem) => error.code === 'invalid' && error.fields?.[0]?.field === 'cron',
    );
    await assert.rejects(
      jobs.schedules.create({ ...hourly, job: 'b', missed: 'last' }, by),
      (error: Problem) => error.code === 'not-found',
    );
    await jobs.schedules.create({ ...hourly, missed: 'last' }, by);
    assert.equal((await jobs.schedules.list('p', 'a')).length, 1);
    await jobs.delete({ project: 'p', job: 'a' });
    assert.deepEqual(await jobs.schedules.list('p'), []);
  });
});
