/** A gateway that is killed while kernels print loses nothing and doubles nothing. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { apiPrefix } from '@bine/shared';
import type { KernelRecord } from '@bine/shared/kernel-wire';
import { until } from '../until.ts';
import { startGateway, type TestGateway } from '../vscode/gateway.ts';
import { openKernel, outputOf, printed, request, run, startKernel } from './kernel-client.ts';
import { random } from './random.ts';

const project = 'killed';
const ticks = 400;
const printTicks = `import time\nfor i in range(${ticks}):\n    print(i, flush=True)\n    time.sleep(0.02)`;

describe('a gateway that is killed', () => {
  let gateway: TestGateway;
  let kernel: string;
  before(async () => {
    gateway = await startGateway();
    await gateway.api.projects.create({ name: project });
    kernel = await startKernel(gateway, project);
  });
  after(() => gateway[Symbol.asyncDispose]());

  /** What it says of the kernel from the moment it listens; as long as it does not, nothing. */
  async function answersUntilFound(signal: AbortSignal) {
    const url = `${gateway.url}${apiPrefix}/projects/${project}/kernels/${kernel}`;
    const answers: { status: number; retryAfter: string | null }[] = [];
    const look = async () => {
      const response = await fetch(url, { headers: { authorization: `Bearer ${gateway.key}` } }).catch(() => null);
      if (response) answers.push({ status: response.status, retryAfter: response.headers.get('retry-after') });
      return response?.status === 200;
    };
    await until(look, 'the gateway to find its kernel', { signal, everyMs: 5 });
    return answers;
  }

  for (const seed of [1, 2, 3]) {
    it(`lets a client that resumes see every record once and in order (seed ${seed})`, async () => {
      const next = random(seed);
      const message = request(printTicks);
      const id = message.header.msg_id;
      const seen: KernelRecord[] = [];
      let since: number | undefined;
      let kills = 3;
      let killAt = Math.floor(next() * 100);
      let over = false;
      while (!over) {
        await using socket = await openKernel(gateway, { project, kernel, ...(since !== undefined && { since }) });
        if (since === undefined) socket.send(message);
        let idle = false;
        let replied = false;
        for (let record = await socket.next(); record; record = await socket.next()) {
          if (record.seq === 0) continue;
          if (since !== undefined) assert.equal(record.seq, since + 1, 'a record is missing, doubled, or out of order');
          since = record.seq;
          if (record.parent_header.msg_id !== id) continue;
          seen.push(record);
          const text = printed(seen);
          replied = seen.some(({ header }) => header.msg_type === 'execute_reply');
          // They come over two sockets, in no certain order.
          idle = seen.some(({ header, content }) => header.msg_type === 'status' && content['execution_state'] === 'idle');
          if (kills > 0 && text.split('\n').length > killAt) {
            kills--;
            killAt += 20 + Math.floor(next() * 80);
            await gateway.kill();
          }
          if (replied && idle) break;
        }
        over = replied && idle;
        if (!over) await gateway.start();
      }
      assert.equal(kills, 0);
      assert.equal(printed(seen), Array.from({ length: ticks }, (_, i) => `${i}\n`).join(''));
    });
  }

  it('runs a request once that a client sends again because it never saw an answer', async () => {
    await using socket = await openKernel(gateway, { project, kernel });
    await run(socket, 'times = 0');
    const message = request('times += 1');
    socket.send(message);
    socket.send(message);
    for await (const record of outputOf(socket, message.header.msg_id)) void record;
    const { text } = await run(socket, 'print(times)');
    assert.equal(text, '1\n');
  });

  it('comes back with its kernels: their variables, their numbers, and 503 instead of 404 until then', async ({ signal }) => {
    await using socket = await openKernel(gateway, { project, kernel });
    await run(socket, 'kept = "still here"');
    const before = await gateway.api.kernels.get({ project, kernel });
    await gateway.kill();
    const [answers] = await Promise.all([answersUntilFound(signal), gateway.start()]);
    for (const { status, retryAfter } of answers) assert.ok(status === 200 || (status === 503 && Number(retryAfter) > 0), `${status}`);
    const now = await gateway.api.kernels.get({ project, kernel });
    assert.equal(now.state, 'idle');
    assert.ok(now.head >= before.head);
    await using again = await openKernel(gateway, { project, kernel });
    assert.equal((await run(again, 'print(kept)')).text, 'still here\n');
  });
});
