import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { Limits } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { ShareRecord } from '../../ports/state/limits.ts';
import type { JobUse, KernelUse } from '../capacity/admission.ts';
import { kernelUse, limitsForTests } from '../capacity/limits.fixture.ts';
import { patienceMilliseconds } from './next-start.ts';
import { createQueue } from './queue.ts';

const machine = { cores: 4, memory: 8000, gpus: 2 };
const small = { cores: 1, memory: 1000, gpus: 0 };
const whole = { ...small, cores: 4 };
const a = { id: 'p1', name: 'a' };
const b = { id: 'p2', name: 'b' };

type Options = {
  share?: number;
  kernels?: KernelUse[];
  limits?: Record<string, Partial<Limits>>;
  saved?: Map<string, ShareRecord>;
};

function startQueue(t: TestContext, { share = 1, kernels = [], limits = {}, saved = new Map() }: Options = {}) {
  const started: string[] = [];
  /** How often it was decided who is next. */
  const asked = { times: 0 };
  const waits: Record<string, string> = {};
  const clock = { now: Date.parse('2026-05-01T12:00:00Z') };
  let uses: () => JobUse[] = () => [];
  const rows = {
    shares: async () => [...saved.values()],
    saveShares: async (records: ShareRecord[]) => records.forEach((one) => saved.set(`${one.projectId}/${one.user}`, one)),
  };
  const { admission, shares } = limitsForTests({
    machine: async () => {
      asked.times += 1;
      return machine;
    },
    jobShare: share,
    kernels: () => kernels,
    jobs: () => uses(),
    limits: (id) => limits[id] ?? {},
    shares: rows,
  });
  const queue = createQueue({ admission, shares, now: () => clock.now, onError: (error) => assert.fail(error as Error) });
  uses = queue.uses;
  t.after(queue.close);
  const settle = () => new Promise(setImmediate);
  const add = async (id: string, wanted = small, { project = a, user = 'ann', again = false, age = 0 } = {}) => {
    const submitted = clock.now - age;
    const onWait = (why: string) => void (waits[id] = why);
    queue.add({ id, project, user, wanted, submitted, start: (gpus) => started.push([id, ...gpus].join(' ')), onWait }, { again });
    await settle();
  };
  /** It ran for so long. */
  const end = async (id: string, seconds: number) => {
    clock.now += seconds * 1000;
    queue.release(id);
    await settle();
  };
  return { queue, add, end, started, waits, clock, saved, settle, asked };
}

describe('the queue of executions', () => {
  it('starts those of one user in the order of submission', async (t) => {
    const { add, end, started, waits } = startQueue(t);
    await add('three', { ...small, cores: 3 });
    await add('two', { ...small, cores: 2 });
    await add('one', small);
    assert.deepEqual(started, ['three']);
    assert.deepEqual(waits, {
      two: "Queued: next of ann's 2 jobs; it needs 2 cores (1 of 4 free).",
      one: "Queued: 2nd of ann's 2 jobs; it needs 2 cores (1 of 4 free).",
    });
    await end('three', 1);
    assert.deepEqual(started, ['three', 'two', 'one']);
  });

  it('does not let a thousand of one user hold up the first of another, in the same project or not', async (t) => {
    const { add, end, started } = startQueue(t);
    for (let number = 0; number < 1000; number++) await add(`ann ${number}`, whole);
    await add('bob', whole, { user: 'bob' });
    await add('eve', whole, { project: b, user: 'eve' });
    await end('ann 0', 60);
    await end(started[1]!, 60);
    assert.deepEqual(new Set(started.slice(1)), new Set(['bob', 'eve']));
  });

  it('shares by the weights of projects, in time and not in number', async (t) => {
    const { add, end, started } = startQueue(t, { limits: { p1: { weight: 3 } } });
    for (let number = 0; number < 200; number++) {
      await add(`a${number}`, whole);
      await add(`b${number}`, whole, { project: b });
    }
    const had = { a: 0, b: 0 };
    for (let number = 0; number < 100; number++) {
      const id = started.at(-1)!;
      const project = id[0] as 'a' | 'b';
      // Those of b take four times as long.
      const seconds = project === 'a' ? 20 : 80;
      had[project] += seconds;
      await end(id, seconds);
    }
    const part = had.a / (had.a + had.b);
    assert.ok(part > 0.7 && part < 0.8, `a had ${part}`);
  });

  it('gives nobody a credit for the time that they were away', async (t) => {
    const { add, end, started } = startQueue(t);
    await add('early', whole);
    for (let number = 0; number < 20; number++) await add(`a${number}`, whole);
    await end('early', 10_000);
    for (let number = 0; number < 20; number++) await add(`b${number}`, whole, { project: b });
    for (let number = 0; number < 12; number++) await end(started.at(-1)!, 60);
    const ofB = started.slice(2).filter((id) => id.startsWith('b')).length;
    assert.ok(ofB >= 5 && ofB <= 7, `${ofB} of 12 were of b`);
  });

  it('lets small ones pass one that does not fit, until it has waited a minute; then only what it leaves over is given away', async (t) => {
    const { add, end, started, waits, queue, clock } = startQueue(t);
    await add('half', { ...small, cores: 2 });
    await add('whole', whole, { user: 'bob' });
    await add('passes', small, { user: 'eve' });
    assert.deepEqual(started, ['half', 'passes']);
    clock.now += patienceMilliseconds;
    await add('late', small, { user: 'eve' });
    assert.deepEqual(started, ['half', 'passes']);
    assert.equal(waits['late'], 'Queued: what is free is held for one that has waited longer.');
    assert.deepEqual(queue.held(), whole);
    await end('half', 1);
    await end('passes', 1);
    assert.deepEqual(started, ['half', 'passes', 'whole']);
  });

  it('holds nothing for one that waits for kernels, which may go on for days', async (t) => {
    const kernels = [kernelUse({ memory: 12_000 })];
    const { add, started, waits } = startQueue(t, { kernels });
    await add('large', { ...small, memory: 5000 }, { age: 2 * patienceMilliseconds });
    await add('small', small, { user: 'bob' });
    assert.deepEqual(started, ['small']);
    assert.equal(waits['large'], 'Queued: it needs 5000 MiB of memory (1000 of 8000 free, kernels have 6000).');
  });

  it('decides among ten thousand that wait', async (t) => {
    const { queue, add, end, started, asked, settle } = startQueue(t);
    for (let number = 0; number < 10_000; number++) {
      const project = { id: `p${number % 10}`, name: `project-${number % 10}` };
      const item = { id: `e${number}`, project, user: `u${number % 100}`, wanted: whole, submitted: 0 };
      queue.add({ ...item, start: () => started.push(item.id), onWait: () => undefined }, { again: true });
    }
    await settle();
    assert.equal(asked.times, 1, 'all that was there at a start is decided on at once');
    await add('last', whole, { user: 'new' });
    const rounds = 50;
    const before = performance.now();
    for (let round = 0; round < rounds; round++) await end(started.at(-1)!, 60);
    t.diagnostic(`${((performance.now() - before) / rounds).toFixed(2)} ms from an end to the next start, 10,000 waiting`);
    assert.equal(started.length, rounds + 1);
    assert.match(queue.causeOf('e9999')!, /^Queued: \d+th of u99's \d+ jobs; it needs 4 cores/);
  });

  it('keeps within the limits of a project, its kernels counted, and says so', async (t) => {
    const { add, end, started, waits, queue } = startQueue(t, {
      limits: { p1: { cores: 2 }, p2: { running: 1 } },
      kernels: [kernelUse({ cores: 1, memory: 100 })],
    });
    for (const id of ['a1', 'a2', 'a3']) await add(id);
    for (const id of ['b1', 'b2']) await add(id, small, { project: b });
    assert.deepEqual(started, ['a1', 'b1']);
    assert.equal(waits['a3'], "Queued: 2nd of ann's 2 jobs; project a uses 2 of its 2 cores.");
    assert.equal(queue.causeOf('b2'), 'Queued: project b uses 1 of its 1 running execution.');
    await end('a1', 1);
    assert.deepEqual(started, ['a1', 'b1', 'a2']);
  });

  it('holds the limit of a project for a large one of it, and nothing of the machine', async (t) => {
    const { add, started, waits } = startQueue(t, { limits: { p1: { cores: 2 } } });
    await add('a1', small);
    await add('large', { ...small, cores: 2 }, { user: 'bob', age: patienceMilliseconds });
    await add('a2', small, { user: 'eve' });
    await add('b1', small, { project: b });
    assert.deepEqual(started, ['a1', 'b1']);
    assert.equal(waits['large'], 'Queued: project a uses 1 of its 2 cores, and it needs 2.');
    assert.equal(waits['a2'], 'Queued: what project a may use is held for one that has waited longer.');
  });

  it('goes on with the next when the first leaves', async (t) => {
    const { queue, add, end, started } = startQueue(t);
    await add('all', whole);
    await add('more', whole);
    await end('all', 1);
    assert.equal(queue.leave('more'), false);
    await add('third', whole);
    await add('one', small);
    assert.equal(queue.leave('third'), true);
    assert.equal(queue.leave('third'), false);
    await end('more', 1);
    assert.deepEqual(started, ['all', 'more', 'one']);
  });

  it('counts what kernels have of the memory, and which GPUs they have', async (t) => {
    const kernels = [kernelUse({ memory: 1000, used: 7500, gpus: 1, gpuIds: ['0'] })];
    const { add, started, waits } = startQueue(t, { kernels });
    await add('gpu', { cores: 1, memory: 400, gpus: 1 });
    await add('memory', { ...small, memory: 200 });
    assert.deepEqual(started, ['gpu 1']);
    assert.equal(waits['memory'], 'Queued: it needs 200 MiB of memory (100 of 8000 free, kernels have 7500).');
  });

  it('is in the same order after a restart, whatever was shared out before', async (t) => {
    const saved = new Map<string, ShareRecord>();
    const first = startQueue(t, { saved });
    const line = ['ann', 'bob', 'eve'].flatMap((user) => [1, 2, 3].map((number) => ({ id: `${user} ${number}`, user })));
    const where = (user: string) => ({ user, project: user === 'eve' ? b : a });
    for (const { id, user } of line) await first.add(id, whole, where(user));
    await first.end(first.started[0]!, 100);
    await first.end(first.started[1]!, 30);
    const running = first.started.at(-1)!;
    const second = startQueue(t, { saved: new Map(saved) });
    await second.queue.restore();
    second.clock.now = first.clock.now;
    const user = running.split(' ')[0]!;
    second.queue.hold({ id: running, project: where(user).project, user, wanted: whole, gpus: [], since: first.clock.now });
    for (const one of line) if (!first.started.includes(one.id)) await second.add(one.id, whole, { ...where(one.user), again: true });
    const order = async ({ started, end }: typeof first) => {
      let next: string | undefined = running;
      const from = started.length;
      for (; next !== undefined; next = started.at(-1) === next ? undefined : started.at(-1)) await end(next, 60);
      return started.slice(from);
    };
    const expected = await order(first);
    assert.equal(expected.length, 6);
    assert.deepEqual(await order(second), expected);
  });

  it('counts what was running before the gateway started', async (t) => {
    const { queue, add, end, started } = startQueue(t);
    queue.hold({ id: 'old', project: a, user: 'ann', wanted: { cores: 4, memory: 100, gpus: 1 }, gpus: ['0'], since: 0 });
    await add('one', small);
    assert.deepEqual([started, queue.uses()[0]!.gpuIds], [[], ['0']]);
    await end('old', 1);
    assert.deepEqual(started, ['one']);
  });

  it('refuses at once what its share of the machine, or the limit of its project, can never hold', async (t) => {
    const { queue } = startQueue(t, { share: 0.5, limits: { p2: { cores: 1, memory: 500 } } });
    await queue.refuseImpossible(a, { cores: 2, memory: 4000, gpus: 2 });
    const refused = (pattern: RegExp) => (error: Problem) => {
      assert.deepEqual(error.fields?.map(({ field }) => field).sort(), ['cores', 'memory']);
      assert.equal(error.code, 'invalid');
      return pattern.test(error.message);
    };
    await assert.rejects(
      queue.refuseImpossible(a, { cores: 2.5, memory: 4001, gpus: 0 }),
      refused(/The job asks for more than there is: 4001 MiB.*2.5 cores/),
    );
    await assert.rejects(
      queue.refuseImpossible(b, { cores: 2, memory: 501, gpus: 0 }),
      refused(/2 cores, but the project "b" may use 1 core; 501 MiB of memory, but .* 500 MiB of memory. Ask an administrator/),
    );
  });
});
