/** Two projects on a real machine: who has his turn when, though the gateway is killed, and what ends where a limit is. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { apiPrefix, fileContent } from '@bine/shared';
import type { JobExecution } from '@bine/shared';
import { until } from '../until.ts';
import { startGateway, type TestGateway } from '../vscode/gateway.ts';

const many = 30;
const environment = 'python-inference';

/** Each that runs adds its number, and says if another was there at the same time. */
const counting = `import os, sys, time
with open('/project/order', 'a') as file: file.write(sys.argv[1] + '\\n')
time.sleep(0.2)
`;
/** Goes on writing, whatever happens. */
const hoarding = `import time
number = 0
while True:
    with open(f'/project/hoard-{number}', 'wb') as file: file.write(b'x' * 2**20)
    number += 1
    time.sleep(0.05 if number < 30 else 0.5)
`;

/** What a call was refused with, as the client for REST has it. */
async function refusalOf(call: Promise<unknown>): Promise<{ code: string; detail: string }> {
  const error: unknown = await call.then(
    () => assert.fail('it was not refused'),
    (reason: unknown) => reason,
  );
  const { body } = (error as { data: { body: Blob } }).data;
  return JSON.parse(await body.text()) as { code: string; detail: string };
}

describe('a machine that two projects share', { timeout: 300_000 }, () => {
  let gateway: TestGateway;
  const ended = new AbortController();
  let machine: { cores: number; memory: number };

  before(async () => {
    gateway = await startGateway({ BINE_DISK_SCAN: '1', BINE_DISK_GRACE: '3' });
    const { api } = gateway;
    machine = (await api.system.capacity({})).machine;
    for (const name of ['many', 'few', 'hoard', 'inside']) {
      await api.projects.create({ name });
      await put(name, 'count.py', counting);
    }
    const whole = { cores: machine.cores, memory: 128 };
    for (const project of ['many', 'few']) await api.jobs.put({ project, job: 'count', path: 'count.py', environment, compute: whole });
    // The first waits for the environment to be built, which is not what is shown here.
    await untilEnded(await api.jobs.run({ project: 'many', job: 'count', arguments: ['0'] }));
  });
  after(async () => {
    ended.abort();
    await gateway[Symbol.asyncDispose]();
  });

  const contentUrl = (project: string, path: string) =>
    `${gateway.url}${apiPrefix}${fileContent.path.replace('{project}', project)}?path=${path}`;

  async function put(project: string, path: string, body: string): Promise<number> {
    const headers = { authorization: `Bearer ${gateway.key}` };
    const answer = await fetch(contentUrl(project, path), { method: 'PUT', body, headers });
    await answer.arrayBuffer();
    return answer.status;
  }

  const read = async (project: string, path: string) =>
    (await fetch(contentUrl(project, path), { headers: { authorization: `Bearer ${gateway.key}` } })).text();

  async function untilEnded({ project, id }: JobExecution): Promise<JobExecution> {
    const look = async () => {
      const one = await gateway.api.executions.get({ project, execution: id }).catch(() => null);
      return one?.ended ? one : null;
    };
    return until(look, `the end of execution ${id} of ${project}`, { signal: ended.signal, withinMs: 300_000, everyMs: 100 });
  }

  const lines = async (project: string, id: string) => {
    let text = '';
    for await (const line of await gateway.api.executions.log({ project, execution: id })) text += `${line.stream}: ${line.text}`;
    return text;
  };

  it('gives the first of one project its turn before thirty of another, in the same order after a SIGKILL, each once', async () => {
    const { api } = gateway;
    const run = (project: string, number: number) => api.jobs.run({ project, job: 'count', arguments: [`${number}`] });
    const submitted: JobExecution[] = [];
    for (let number = 1; number <= many; number++) submitted.push(await run('many', number));
    const few = [await run('few', 1), await run('few', 2)];
    const waiting = await api.executions.get({ project: 'many', execution: submitted.at(-1)!.id });
    assert.match(waiting.cause ?? '', /^Queued: \d+(st|nd|rd|th) of admin's \d+ jobs; it needs \d+ cores \(0 of \d+ free\)\.$/);
    await gateway.kill();
    await gateway.start();
    const firsts = await Promise.all(few.map(untilEnded));
    const doneBefore = (await api.executions.list({ project: 'many' })).filter(({ ended }) => ended !== null && ended < firsts[1]!.ended!);
    assert.ok(doneBefore.length < many / 2, `${doneBefore.length} of the many were done before the few`);
    await gateway.kill();
    await gateway.start();
    const ends = await Promise.all(submitted.map(untilEnded));
    assert.deepEqual(new Set(ends.map(({ state }) => state)), new Set(['succeeded']));
    assert.deepEqual(
      (await read('many', 'order')).trim().split('\n').map(Number),
      Array.from({ length: many + 1 }, (_, at) => at),
    );
    assert.equal(await read('few', 'order'), '1\n2\n');
    const all = [...ends, ...firsts].toSorted((one, other) => one.started!.localeCompare(other.started!));
    for (const [at, one] of all.entries()) assert.ok(at === 0 || one.started! >= all[at - 1]!.ended!, 'two had all cores at once');
  });

  it('ends a program that fills the disk from inside its container, and lets more in once that is gone', async ({ signal }) => {
    const { api } = gateway;
    const project = 'inside';
    await put(project, 'inside.py', hoarding.replace('/project/', '/tmp/'));
    await api.jobs.put({ project, job: 'inside', path: 'inside.py', environment, compute: { cores: 0.5, memory: 256 } });
    await api.projects.setLimits({ project, disk: 20 });
    const end = await untilEnded(await api.jobs.run({ project, job: 'inside' }));
    assert.equal(end.state, 'stopped');
    assert.match(end.cause ?? '', /^Ended for the disk quota: the project "inside" uses \d+(\.\d)? MiB of its 20 MiB of disk space\.$/);
    // The container, and what was written in it, goes after the execution has ended.
    await until(async () => (await put(project, 'more', 'x')) === 200, 'room for a file', { signal });
  });

  it('warns a program and a kernel that fill the disk, ends them with that reason, and lets nothing more in until there is room', async ({
    signal,
  }) => {
    const { api } = gateway;
    const project = 'hoard';
    await put(project, 'hoard.py', hoarding);
    await api.jobs.put({ project, job: 'hoard', path: 'hoard.py', environment, compute: { cores: 0.5, memory: 256 } });
    const kernel = await api.kernels.start({ project, environment, memory: 256 });
    await api.projects.setLimits({ project, disk: 20 });
    const run = await api.jobs.run({ project, job: 'hoard' });
    const log = lines(project, run.id);
    const end = await untilEnded(run);
    assert.equal(end.state, 'stopped');
    assert.match(end.cause ?? '', /^Ended for the disk quota: the project "hoard" uses \d+(\.\d)? MiB of its 20 MiB of disk space\.$/);
    assert.match(await log, /system: The project is over its disk quota/);
    await until(async () => (await api.kernels.get({ project, kernel: kernel.id })).state === 'dead', 'the kernel to be dead', { signal });
    assert.match((await api.kernels.get({ project, kernel: kernel.id })).cause ?? '', /^Ended for the disk quota/);
    assert.equal((await refusalOf(api.jobs.run({ project, job: 'hoard' }))).code, 'quota-exceeded');
    assert.equal((await refusalOf(api.kernels.start({ project, environment, memory: 256 }))).code, 'quota-exceeded');
    assert.equal(await put(project, 'more', 'x'), 507);
    for (const { path } of (await api.files.list({ project, path: '' })).entries) {
      if (path.startsWith('hoard-')) await api.files.delete({ project, path, forever: true });
    }
    assert.equal(await put(project, 'more', 'x'), 200);
  });

  it('starts two kernels that may take most of the memory, and says of the next who has it', async () => {
    const { api } = gateway;
    const memory = Math.floor(machine.memory * 0.85);
    const ask = () => api.kernels.start({ project: 'few', environment, memory });
    await ask();
    await ask();
    for (let number = 2; number < 12; number++) {
      const { code, detail } = await refusalOf(ask());
      assert.equal(code, 'no-capacity');
      assert.match(detail, /MiB are left: \d+ by 2 kernels of the project "few"/);
    }
  });
});
