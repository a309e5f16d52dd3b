/** What holds whatever is submitted: found with random projects, users, sizes and times, each from its seed. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { add, dominantShare, lacking, nothing, subtract, sum } from '../capacity/amounts.ts';
import type { Amount } from '../capacity/amounts.ts';
import { createFairShares } from './fair-shares.ts';
import { findNext, patienceMilliseconds } from './next-start.ts';
import type { Head, ProjectRoom } from './next-start.ts';

const all: Amount = { cores: 8, memory: 16_000, gpus: 2 };

type Job = Head & { id: number; seconds: number };
type Limit = { cores: number; running: number };

/** Numbers from 0 to 1, the same ones for the same seed. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A machine on which time passes as executions end. `limits`: of projects that have some. */
function createMachine(limits: Record<string, Limit> = {}, weights: Record<string, number> = {}) {
  const shares = createFairShares();
  let waiting: Job[] = [];
  let running: (Job & { since: number })[] = [];
  let now = 0;
  const started: Job[] = [];
  const served = (job: Job & { since: number }) => ({ ...job, part: dominantShare(job.wanted, all), weight: weights[job.projectId] ?? 1 });
  const usedOf = (projectId: string) => running.filter((job) => job.projectId === projectId);
  const roomOf = (projectId: string): ProjectRoom => {
    const limit = limits[projectId] ?? { cores: Infinity, running: Infinity };
    const used = usedOf(projectId);
    const cores = limit.cores - sum(used.map(({ wanted }) => wanted)).cores;
    return { cores, memory: Infinity, gpus: Infinity, running: limit.running - used.length };
  };
  const free = () => subtract(all, sum(running.map(({ wanted }) => wanted)));

  const heads = (): Job[] => [...Map.groupBy(waiting, ({ projectId, user }) => `${projectId}/${user}`).values()].map(([first]) => first!);

  const machine = {
    started,
    waiting: () => waiting,
    now: () => now,
    submit(job: Omit<Job, 'place' | 'submitted'>): void {
      const active = [...waiting, ...running];
      const members = active.filter(({ projectId }) => projectId === job.projectId).map(({ user }) => user);
      const projects = new Set(active.map(({ projectId }) => projectId));
      const others = { projects, users: new Set(active.map(({ user }) => user)), members: new Set(members) };
      shares.enter(job, shares.at(now, running.map(served)), others);
      waiting.push({ ...job, place: job.id, submitted: now });
    },
    /** All that can start does; what must hold is checked at each step. */
    fill(): void {
      for (;;) {
        const had = shares.at(now, running.map(served));
        const situation = { heads: heads(), had, free: free(), roomOf, isOpen: () => true, now };
        const { start, held } = findNext(situation);
        assert.deepEqual(
          findNext({ ...situation, heads: situation.heads.toReversed() }).start,
          start,
          'it depends on the order of what is given',
        );
        if (!start) {
          const left = subtract(free(), held);
          const idle = heads().filter(
            ({ wanted, projectId }) =>
              held === nothing &&
              lacking(wanted, left).length === 0 &&
              roomOf(projectId).cores >= wanted.cores &&
              roomOf(projectId).running >= 1,
          );
          const tooYoungToHold = heads().every(({ submitted }) => now - submitted < patienceMilliseconds);
          if (tooYoungToHold) assert.deepEqual(idle, [], 'something could start and did not');
          return;
        }
        const line = waiting.filter(({ projectId, user }) => projectId === start.projectId && user === start.user);
        assert.equal(line[0], start, 'it was not the first of its line');
        waiting = waiting.filter((job) => job !== start);
        running.push({ ...start, since: now });
        started.push(start);
        const taken = sum(running.map(({ wanted }) => wanted));
        assert.deepEqual(lacking(taken, all), [], 'more than the machine has was given away');
        const room = roomOf(start.projectId);
        assert.ok(room.cores >= -1e-9 && room.running >= 0, 'more than the limit was given to a project');
      }
    },
    /** To the next end. false: nothing runs. */
    step(): boolean {
      const next = running.toSorted((one, other) => one.since + one.seconds * 1000 - (other.since + other.seconds * 1000))[0];
      if (!next) return false;
      now = Math.max(now, next.since + next.seconds * 1000);
      running = running.filter((job) => job !== next);
      shares.charge(served(next), now);
      return true;
    },
  };
  return machine;
}

function randomJob(random: () => number, id: number): Omit<Job, 'place' | 'submitted'> {
  const one = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const wanted = { cores: one([0.5, 1, 2, 4, 8]), memory: one([500, 2000, 16_000]), gpus: one([0, 0, 0, 1, 2]) };
  return { id, projectId: one(['a', 'b', 'c']), user: one(['ann', 'bob', 'eve']), wanted, seconds: one([1, 10, 60, 600]) };
}

describe('what starts next, whatever is submitted', () => {
  it('is first in its line, never more than there is or than a project may have, and never nothing where something fits', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = createRandom(seed);
      const limits = { a: { cores: 8, running: 2 }, b: { cores: 8, running: Infinity } };
      const machine = createMachine(limits);
      let submitted = 0;
      while (submitted < 60 || machine.waiting().length > 0) {
        for (let more = Math.floor(random() * 4); more > 0 && submitted < 60; more--) machine.submit(randomJob(random, submitted++));
        machine.fill();
        if (!machine.step()) assert.ok(submitted < 60 || machine.waiting().length === 0, `seed ${seed}: nothing runs and something waits`);
      }
      assert.equal(machine.started.length, 60, `seed ${seed}`);
    }
  });

  it('gets to the large one, however many small ones come', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = createRandom(seed);
      const machine = createMachine();
      let id = 0;
      const small = () => ({ id: id++, projectId: 'a', user: `u${id % 5}`, wanted: { ...nothing, cores: 1 }, seconds: 20 + random() * 40 });
      for (let number = 0; number < 20; number++) machine.submit(small());
      const large = { id: id++, projectId: 'b', user: 'ann', wanted: { ...nothing, cores: 8 }, seconds: 60 };
      machine.submit(large);
      while (!machine.started.some((job) => job.id === large.id)) {
        machine.fill();
        assert.ok(machine.step());
        machine.submit(small());
        assert.ok(machine.now() < 10 * patienceMilliseconds, `seed ${seed}: it still waits after ${machine.now()} ms`);
      }
    }
  });

  it('is shared as the weights say while all have something to run', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const random = createRandom(seed);
      const weights: Record<string, number> = { a: 1, b: 2, c: 5 };
      const machine = createMachine({}, weights);
      let id = 0;
      const submit = (projectId: string) =>
        machine.submit({ id: id++, projectId, user: 'ann', wanted: { ...nothing, cores: 1 }, seconds: 20 + random() * 100 });
      for (const project of ['a', 'b', 'c']) for (let number = 0; number < 800; number++) submit(project);
      const had: Record<string, number> = { a: 0, b: 0, c: 0 };
      while (machine.started.length < 800) {
        machine.fill();
        assert.ok(machine.step(), `seed ${seed}: nothing runs`);
      }
      for (const { projectId, seconds } of machine.started) had[projectId]! += seconds;
      const whole = had['a']! + had['b']! + had['c']!;
      for (const [project, weight] of Object.entries(weights)) {
        const part = had[project]! / whole;
        assert.ok(Math.abs(part - weight / 8) < 0.03, `seed ${seed}: ${project} had ${part}, not ${weight / 8}`);
      }
    }
  });

  for (const [what, placeOf] of [
    ['twenty projects of one user', (at: number) => ({ projectId: `p${at % 20}`, user: 'ann' })],
    ['twenty users of one project', (at: number) => ({ projectId: 'p', user: `u${at % 20}` })],
    ['twenty projects of one user that other users work in, too', (at: number) => ({ projectId: `p${at % 20}`, user: 'ann' })],
  ] as const) {
    it(`is for ${what} no more than for one user of one project`, () => {
      for (let seed = 1; seed <= 5; seed++) {
        const random = createRandom(seed);
        const machine = createMachine();
        let id = 0;
        const submit = (owner: { projectId: string; user: string }) =>
          machine.submit({ id: id++, ...owner, wanted: { ...nothing, cores: 1 }, seconds: 20 + random() * 100 });
        if (what.endsWith('too')) for (let at = 0; at < 20; at++) submit({ projectId: `p${at}`, user: `colleague${at}` });
        for (let at = 0; at < 300; at++) submit(placeOf(at));
        for (let at = 0; at < 300; at++) submit({ projectId: 'one', user: 'bob' });
        while (machine.started.length < 320) {
          machine.fill();
          assert.ok(machine.step(), `seed ${seed}: nothing runs`);
        }
        const had = machine.started.reduce((all, { projectId, seconds }) => all + (projectId === 'one' ? seconds : 0), 0);
        const part = had / machine.started.reduce((all, { user, seconds }) => all + (user.startsWith('colleague') ? 0 : seconds), 0);
        assert.ok(Math.abs(part - 0.5) < 0.05, `seed ${seed}: bob had ${part}`);
      }
    });
  }

  it('is found among a thousand lines', (t) => {
    const random = createRandom(1);
    const heads = Array.from({ length: 1000 }, (_, at) => ({
      ...randomJob(random, at),
      projectId: `p${at % 100}`,
      user: `u${at}`,
      place: at,
      submitted: 0,
    }));
    const shares = createFairShares();
    const had = shares.at(0, []);
    const room = { ...add(all, all), running: 4 };
    const before = performance.now();
    const rounds = 50;
    for (let round = 0; round < rounds; round++) {
      findNext({ heads, had, free: { ...nothing, memory: 100 }, roomOf: () => room, isOpen: () => true, now: 2 * patienceMilliseconds });
    }
    t.diagnostic(`${((performance.now() - before) / rounds).toFixed(2)} ms for a decision among 1,000 users' lines`);
  });
});
