/** Executions end once, with their true state and their whole log, however often the gateway is killed meanwhile. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { apiPrefix, fileContent } from '@bine/shared';
import { startGateway, type TestGateway } from '../vscode/gateway.ts';
import { until } from '../until.ts';
import { untilAnswered } from './answered.ts';
import { random } from './random.ts';

const project = 'chaos';
const count = 30;
const kills = 3;
const lines = 300;

/** Marks that it ran, prints a while, and ends as it is told to. */
const program = `import os, signal, sys, time
number, end = sys.argv[1:]
with open(f'/project/ran-{number}', 'a') as file: file.write('x')
for i in range(${lines}):
    print(f'{number}: line {i}')
    if i % 30 == 0: time.sleep(0.05)
print('last words', file=sys.stderr)
if end == 'signal': os.kill(os.getpid(), signal.SIGKILL)
sys.exit(int(end))
`;

type Ending = { end: string; state: string; exitCode: number };
const endings: Ending[] = [
  { end: '0', state: 'succeeded', exitCode: 0 },
  { end: '7', state: 'failed', exitCode: 7 },
  { end: 'signal', state: 'failed', exitCode: 137 },
];

describe('a gateway that is killed while jobs run', { timeout: 300_000 }, () => {
  let gateway: TestGateway;
  const ended = new AbortController();
  before(async () => {
    gateway = await startGateway();
    await gateway.api.projects.create({ name: project });
    await put('program.py', program);
    const compute = { cores: 0.25, memory: 128 };
    for (const { end } of endings) {
      await gateway.api.jobs.put({ project, job: `ends-${end}`, path: 'program.py', environment: 'python-inference', compute });
    }
    // The first waits for the environment to be built, which takes its time and is not what is shown here.
    const first = await gateway.api.jobs.run({ project, job: 'ends-0', arguments: ['first', '0'] });
    for await (const _ of await gateway.api.executions.log({ project, execution: first.id })) continue;
    await gateway.api.jobs.delete({ project, job: 'ends-0' });
    await gateway.api.jobs.put({ project, job: 'ends-0', path: 'program.py', environment: 'python-inference', compute });
  });
  after(async () => {
    ended.abort();
    await gateway[Symbol.asyncDispose]();
  });

  async function put(path: string, body: string): Promise<void> {
    const url = `${gateway.url}${apiPrefix}${fileContent.path.replace('{project}', project)}?path=${path}`;
    const response = await fetch(url, { method: 'PUT', body, headers: { authorization: `Bearer ${gateway.key}` } });
    assert.equal(response.status, 200);
  }

  async function read(path: string): Promise<string> {
    const url = `${gateway.url}${apiPrefix}${fileContent.path.replace('{project}', project)}?path=${path}`;
    return (await fetch(url, { headers: { authorization: `Bearer ${gateway.key}` } })).text();
  }

  const answered = <T>(ask: () => Promise<T>): Promise<T> => untilAnswered(ask, ended.signal);

  async function killNowAndThen(seed: number): Promise<void> {
    const next = random(seed);
    for (let killed = 0; killed < kills; killed++) {
      await delay(300 + next() * 3000);
      await gateway.kill();
      await gateway.start();
    }
  }

  async function untilOver(execution: string) {
    const look = async () => {
      const found = await answered(() => gateway.api.executions.get({ project, execution }));
      return found.ended !== null && found;
    };
    return until(look, `the end of execution ${execution}`, { signal: ended.signal, withinMs: 300_000, everyMs: 100 });
  }

  it(`has ${count} executions end once each, with their true end and every line (${kills} kills, seed 4)`, async () => {
    const killing = killNowAndThen(4);
    const wanted = Array.from({ length: count }, (_, i) => ({ number: `${i}`, ...endings[i % endings.length]! }));
    const submitted = [];
    for (const { number, end } of wanted) {
      const run = { project, job: `ends-${end}`, arguments: [number, end], idempotencyKey: number };
      submitted.push((await answered(() => gateway.api.jobs.run(run))).id);
      await delay(100);
    }
    await killing;
    const ends = await Promise.all(submitted.map(untilOver));
    assert.deepEqual(
      ends.map(({ state, exitCode }) => [state, exitCode]),
      wanted.map(({ state, exitCode }) => [state, exitCode]),
    );
    const all = await gateway.api.executions.list({ project, limit: 1000 });
    assert.deepEqual(all.map(({ id }) => id).toSorted(), submitted.toSorted());

    for (const [i, { number, end }] of wanted.entries()) {
      const log = [];
      for await (const line of await gateway.api.executions.log({ project, execution: submitted[i]! })) log.push(line);
      const expected = [...Array.from({ length: lines }, (_, line) => `${number}: line ${line}\n`), 'last words\n'];
      assert.deepEqual(
        log.flatMap(({ text }) => text.match(/[^\n]*\n/g) ?? [text]),
        expected,
        `execution ${number}, which ends with ${end}`,
      );
      assert.deepEqual(
        log.map(({ seq }) => seq),
        log.map((_, at) => at + 1),
      );
      assert.equal(await read(`ran-${number}`), 'x', 'it ran more than once, or not at all');
    }
  });
});
