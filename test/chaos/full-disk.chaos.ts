/** The disk of the gateway's data fills up while kernels and jobs run, and has room again later. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, open, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { apiPrefix, fileContent } from '@bine/shared';
import type { Event, JobExecution } from '@bine/shared';
import type { ProblemBody } from '@bine/shared/problems';
import { until } from '../until.ts';
import { startGateway, type TestGateway } from '../vscode/gateway.ts';
import { openKernel, printed, request, outputOf, run, startKernel } from './kernel-client.ts';
import type { KernelRecord } from '@bine/shared/kernel-wire';

const execute = promisify(execFile);
const project = 'full';
const compute = { cores: 0.25, memory: 256 };
const mebibyte = 2 ** 20;

describe('a full disk', { timeout: 300_000 }, () => {
  let gateway: TestGateway;
  let filler: string;

  before(async () => {
    gateway = await startGateway({ BINE_MIN_FREE: '24MiB' }, async (home, stack) => {
      await execute('mount', ['-t', 'tmpfs', '-o', 'size=96m,mode=700', 'bine-test', home]);
      stack.defer(async () => void (await execute('umount', ['--lazy', home])));
      await mkdir(join(home, 'kernels'), { mode: 0o711 });
    });
    filler = join(gateway.home, 'filler');
    await gateway.api.projects.create({ name: project });
    await put('kept.txt', 'words');
  });
  after(() => gateway[Symbol.asyncDispose]());

  const call = (path: string, init: RequestInit = {}) =>
    fetch(`${gateway.url}${apiPrefix}${path}`, { ...init, headers: { authorization: `Bearer ${gateway.key}` } });
  const content = (path: string) => `${fileContent.path.replace('{project}', project)}?path=${path}`;
  const put = (path: string, body: string) => call(content(path), { method: 'PUT', body });

  /** Until nothing more goes onto the disk, also what the gateway kept for itself. */
  async function fill(): Promise<void> {
    await using file = await open(filler, 'a');
    for (const size of [mebibyte, 4096]) {
      const chunk = Buffer.alloc(size, 1);
      while (await file.write(chunk).then(({ bytesWritten }) => bytesWritten === size, isFull)) continue;
    }
  }
  const empty = () => rm(filler, { force: true });

  async function untilDisk(state: string): Promise<void> {
    for await (const event of await gateway.api.events.subscribe({ after: 0 }, { signal: AbortSignal.timeout(60_000) })) {
      if (event.type === 'disk.changed' && event.data.state === state && (await gateway.api.system.status({})).disk.state === state) return;
    }
  }

  async function ended(execution: string): Promise<JobExecution> {
    for await (const event of (await gateway.api.events.subscribe(
      { after: 0 },
      { signal: AbortSignal.timeout(120_000) },
    )) as AsyncIterable<Event>) {
      if (event.type === 'execution.changed' && event.data.id === execution && event.data.ended !== null) return event.data;
    }
    throw new Error('the events ended');
  }

  async function logOf(execution: string): Promise<string> {
    let text = '';
    for await (const line of await gateway.api.executions.log({ project, execution })) text += line.stream === 'stdout' ? line.text : '';
    return text;
  }

  const refused = async (call: Promise<unknown>, words: RegExp) => {
    const problem = await problemOf(
      await call.then(
        () => assert.fail('it was not refused'),
        (error: unknown) => error,
      ),
    );
    assert.equal(problem.code, 'no-space');
    assert.match(problem.detail, words);
  };
  const whichDisk = () => new RegExp(`mounted at ${gateway.home}.*of 96 MiB are free`);

  it('starts nothing new when it is almost full, while what runs goes on, and starts what waited when there is room', async () => {
    await put('quick.py', 'print("done")');
    await gateway.api.jobs.put({ project, job: 'quick', path: 'quick.py', environment: 'python-inference', compute });
    const first = await gateway.api.jobs.run({ project, job: 'quick' });
    assert.equal((await ended(first.id)).state, 'succeeded');
    const { free } = (await gateway.api.system.status({})).disk;
    await writeFile(filler, Buffer.alloc(free - 16 * mebibyte, 1));
    await untilDisk('low');
    const start = gateway.api.kernels.start({ project, environment: 'python-inference' });
    await refused(start, /The kernel does not start: the disk .* is almost full.*24 MiB/);
    const waiting = await gateway.api.jobs.run({ project, job: 'quick' });
    assert.equal((await put('more.txt', 'goes on')).status, 200);
    const { state, cause } = await until(async () => {
      const now = await gateway.api.executions.get({ project, execution: waiting.id });
      return now.cause !== null && now;
    }, 'the cause of the wait');
    assert.deepEqual([state, /^Queued: the disk .* is almost full/.test(cause!)], ['queued', true], cause!);
    await empty();
    assert.equal((await ended(waiting.id)).state, 'succeeded');
  });

  it('ends nobody, loses nothing, and is said to whoever writes', async (t) => {
    const kernel = await startKernel(gateway, project);
    await using socket = await openKernel(gateway, { project, kernel });
    await put(
      'slow.py',
      'import pathlib, time\nfor i in range(100):\n    print("line", i, flush=True)\n    time.sleep(0.02)\nwhile not pathlib.Path("/project/go").exists(): time.sleep(0.1)\nprint("last")',
    );
    await put(
      'late.py',
      'import pathlib, time\nwhile not pathlib.Path("/project/late").exists(): time.sleep(0.1)\nfor i in range(100): print("line", i)',
    );
    for (const job of ['slow', 'late']) {
      await gateway.api.jobs.put({ project, job, path: `${job}.py`, environment: 'python-inference', compute });
    }
    const slow = await gateway.api.jobs.run({ project, job: 'slow' });
    const late = await gateway.api.jobs.run({ project, job: 'late' });
    const following = await gateway.api.executions.log({ project, execution: slow.id });
    for await (const line of following) if (line.text.includes('line 99')) break;
    const message = request('import time\nfor i in range(200):\n    print("tick", i, flush=True)\n    time.sleep(0.02)');
    socket.send(message);
    await fill();
    // What the gateway had kept for itself is used up, too.
    for (let i = 0; i < 20; i++) await gateway.api.projects.update({ project, description: 'x'.repeat(500) }).catch(() => undefined);
    await fill();

    assert.equal((await call('/health')).status, 200);
    assert.equal((await gateway.api.projects.list({})).length, 1);
    assert.equal(await (await call(content('kept.txt'))).text(), 'words');
    assert.equal((await gateway.api.system.status({})).disk.state, 'full');
    const answer = await put('new.txt', 'y'.repeat(mebibyte));
    assert.equal(answer.status, 507);
    const { code, detail } = (await answer.json()) as { code: string; detail: string };
    assert.equal(code, 'no-space');
    assert.match(detail, whichDisk());
    assert.equal((await call(content('new.txt'))).status, 404);
    // Until the log of the database, too, has no room left.
    const writes = await Promise.allSettled(
      Array.from({ length: 200 }, (_, i) => gateway.api.projects.create({ name: `p${i}`, description: 'z'.repeat(450) })),
    );
    const problems = await Promise.all(writes.flatMap((one) => (one.status === 'rejected' ? [problemOf(one.reason)] : [])));
    t.diagnostic(`${problems.length} of ${writes.length} writes found no room: ${problems[0]?.detail}`);
    assert.ok(problems.length > 0, 'the disk was not full');
    for (const problem of problems) {
      assert.equal(problem.code, 'no-space');
      assert.match(problem.detail, whichDisk());
    }
    await refused(gateway.api.kernels.start({ project, environment: 'python-inference' }), /is full/);
    const records: KernelRecord[] = [];
    for await (const record of outputOf(socket, message.header.msg_id)) records.push(record);
    assert.equal(printed(records), Array.from({ length: 200 }, (_, i) => `tick ${i}\n`).join(''));

    // Programs end while nothing can be written.
    await rm(filler);
    await Promise.all(['go', 'late'].map((name) => put(name, '')));
    await fill();
    await delay(3000);
    assert.equal((await call('/health')).status, 200);
    await empty();
    assert.deepEqual([(await ended(slow.id)).state, (await ended(late.id)).state], ['succeeded', 'succeeded']);
    const lines = Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join('');
    assert.equal(await logOf(slow.id), `${lines}last\n`);
    assert.equal(await logOf(late.id), lines);
    assert.equal((await run(socket, 'print("as before")')).text, 'as before\n');
    assert.equal((await put('new.txt', 'y')).status, 200);
    const made = writes.filter(({ status }) => status === 'fulfilled').length;
    assert.equal((await gateway.api.projects.list({})).length, 1 + made);
    await gateway.api.kernels.shutdown({ project, kernel });
  });

  it('does not keep a gateway from starting', async () => {
    const reserve = join(gateway.home, 'reserve');
    const reserved = async () => (await stat(reserve).catch(() => null))?.size ?? 0;
    await until(async () => (await reserved()) >= 3 * mebibyte, 'the reserve to be whole');
    await gateway.kill();
    await fill();
    await gateway.start();
    assert.equal((await gateway.api.projects.get({ project })).name, project);
    await empty();
    await until(async () => (await reserved()) > 0, 'a new reserve');
    assert.equal((await put('after.txt', 'z')).status, 200);
  });
});

function isFull(error: NodeJS.ErrnoException): false {
  if (error.code === 'ENOSPC') return false;
  throw error;
}

/** The client of the contract leaves a problem's body unread. */
async function problemOf(error: unknown): Promise<ProblemBody> {
  const { body } = (error as { data?: { body?: unknown } }).data ?? {};
  assert.ok(body instanceof Blob, String(error));
  return JSON.parse(await body.text()) as ProblemBody;
}
