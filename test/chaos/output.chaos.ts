/** Nothing that a kernel prints is lost or reordered, and none of it piles up in the gateway. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { startGateway, type TestGateway } from '../vscode/gateway.ts';
import { openKernel, outputOf, request, run, startKernel } from './kernel-client.ts';

const project = 'output';
const mebibyte = 2 ** 20;

/** The most memory that a process has held since `forgetPeak`, in bytes. */
async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(status.match(/VmHWM:\s+(\d+) kB/)![1]) * 1024;
}

const forgetPeak = (pid: number) => writeFile(`/proc/${pid}/clear_refs`, '5');

describe('what a kernel prints', () => {
  let gateway: TestGateway;
  let kernel: string;
  before(async () => {
    gateway = await startGateway();
    await gateway.api.projects.create({ name: project });
    kernel = await startKernel(gateway, project);
  });
  after(() => gateway[Symbol.asyncDispose]());

  /** How far the log has come, as another client sees it. */
  async function ended(id: string): Promise<boolean> {
    const all = await gateway.api.kernels.executions({ project, kernel });
    return all.find((execution) => execution.id === id)?.state === 'succeeded';
  }

  it('arrives complete and in order at a client that begins to read when the kernel is done, and then reads slowly', async () => {
    await using socket = await openKernel(gateway, { project, kernel });
    const message = request('for i in range(20_000):\n    print(i, flush=True)');
    socket.send(message);
    // Another client sees the cell through: a reader that sleeps does not hold the kernel up.
    await using witness = await openKernel(gateway, { project, kernel });
    await run(witness, '"the kernel gets here only when the cell before is done"');
    assert.ok(await ended(message.header.msg_id));

    let text = '';
    let last = 0;
    for await (const record of outputOf(socket, message.header.msg_id)) {
      assert.ok(record.seq > last, `${record.seq} came after ${last}`);
      last = record.seq;
      if (record.header.msg_type === 'stream') text += record.content['text'] as string;
      await turn();
    }
    const lines = text.split('\n');
    assert.equal(lines.pop(), '');
    assert.equal(lines.length, 20_000);
    for (const [index, line] of lines.entries()) assert.equal(line, String(index));
  });

  it('is streamed: 200 MB through one cell leave the gateway under 250 MB', async () => {
    await using socket = await openKernel(gateway, { project, kernel });
    await forgetPeak(gateway.pid());
    const message = request(
      'import sys\nfor i in range(200):\n    sys.stdout.write(f"{i:03}" + "x" * (2**20 - 4) + "\\n")\n    sys.stdout.flush()',
    );
    socket.send(message);
    let bytes = 0;
    for await (const record of outputOf(socket, message.header.msg_id)) {
      if (record.header.msg_type === 'stream') bytes += (record.content['text'] as string).length;
    }
    assert.equal(bytes, 200 * mebibyte);
    const peak = await peakMemory(gateway.pid());
    assert.ok(peak < 250 * mebibyte, `the gateway held ${Math.round(peak / mebibyte)} MiB`);
  });

  it('is replayed from any point to a client that was away', async () => {
    await using first = await openKernel(gateway, { project, kernel });
    const { records } = await run(first, 'for word in "one two three".split():\n    print(word, flush=True)');
    const middle = records.find(({ content }) => content['text'] === 'two\n')!;
    await using second = await openKernel(gateway, { project, kernel, since: middle.seq });
    const rest = records.filter(({ seq }) => seq > middle.seq);
    assert.equal((await second.next())!.header.msg_type, 'attached');
    for (const { seq, header } of rest) {
      const record = (await second.next())!;
      assert.deepEqual({ seq: record.seq, id: record.header.msg_id }, { seq, id: header.msg_id });
    }
  });
});
