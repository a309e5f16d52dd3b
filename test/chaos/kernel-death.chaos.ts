/** However a kernel ends, the reason reaches the user, what it printed is kept, and it can be started again. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { createDocker } from '../../gateway/src/adapters/docker/docker.ts';
import { startGateway, type TestGateway } from '../vscode/gateway.ts';
import { openKernel, outputOf, printed, request, run, startKernel, untilKernel } from './kernel-client.ts';

const project = 'deaths';
const execute = promisify(execFile);

describe('a kernel that dies', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await startGateway();
    await gateway.api.projects.create({ name: project });
  });
  after(() => gateway[Symbol.asyncDispose]());

  /** Prints, dies by `code`, and is looked at afterwards. */
  async function die(kernel: string, code: string) {
    await using socket = await openKernel(gateway, { project, kernel });
    // What is on its way when a process dies may die with it: it goes on once its words were heard.
    const heard = `heard-${kernel}`;
    const wait = `import os, time\nwhile not os.path.exists("/project/${heard}"): time.sleep(0.01)`;
    const message = request(`print("last words", flush=True)\n${wait}\n${code}`);
    socket.send(message);
    const records = [];
    for await (const record of outputOf(socket, message.header.msg_id)) {
      records.push(record);
      if (record.header.msg_type === 'stream') await gateway.api.files.mkdir({ project, path: heard });
    }
    const { cause } = await untilKernel(gateway, { project, kernel }, ({ state }) => state === 'dead');
    const executions = await gateway.api.kernels.executions({ project, kernel });
    const { state } = executions.find(({ id }) => id === message.header.msg_id)!;
    const error = records.find(({ header }) => header.msg_type === 'error');
    return { cause: cause ?? '', state, text: printed(records), error: error?.content['evalue'] };
  }

  async function assertRevives(kernel: string, lastWords: string) {
    const { epoch } = await gateway.api.kernels.get({ project, kernel });
    await gateway.api.kernels.restart({ project, kernel });
    await untilKernel(gateway, { project, kernel }, (now) => now.state === 'idle' && now.epoch > epoch);
    await using socket = await openKernel(gateway, { project, kernel, since: 0 });
    const message = request('print("alive again")');
    socket.send(message);
    let text = '';
    while (!text.includes('alive again')) {
      const record = await socket.next();
      assert.ok(record, 'the connection ended');
      if (record.header.msg_type === 'stream') text += record.content['text'] as string;
    }
    assert.ok(text.includes(lastWords), 'what it printed before is kept');
  }

  it('by a signal says which one, ends its cell, and revives', async () => {
    const kernel = await startKernel(gateway, project);
    const { cause, state, text, error } = await die(kernel, 'import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)');
    assert.equal(text, 'last words\n');
    assert.match(cause, /SIGSEGV/);
    assert.equal(error, cause);
    assert.equal(state, 'failed');
    await assertRevives(kernel, 'last words');
  });

  it('of too much memory says so', async () => {
    const kernel = await startKernel(gateway, project, 256);
    const { cause, state } = await die(kernel, 'held = []\nwhile True:\n    held.append(bytearray(b"x" * 2**20))');
    assert.match(cause, /memory/);
    assert.equal(state, 'failed');
    await assertRevives(kernel, 'last words');
  });

  it('with its supervisor, because the container was killed, keeps its output, and revives with a new container', async () => {
    const kernel = await startKernel(gateway, project);
    const message = request('import time\nprint("last words", flush=True)\ntime.sleep(600)');
    {
      await using socket = await openKernel(gateway, { project, kernel });
      socket.send(message);
      for await (const record of outputOf(socket, message.header.msg_id)) if (record.header.msg_type === 'stream') break;
      const docker = createDocker({ host: process.env['DOCKER_HOST'] ?? null });
      const [container] = await docker.list({ 'bine.kernel': kernel });
      await docker.kill(container!.id);
    }
    const { cause } = await untilKernel(gateway, { project, kernel }, ({ state }) => state === 'dead');
    assert.match(cause ?? '', /killed|SIGKILL|137/i);
    const [execution] = await gateway.api.kernels.executions({ project, kernel });
    assert.equal(execution!.id, message.header.msg_id);
    await assertRevives(kernel, 'last words');
    const [unknown] = await gateway.api.kernels.executions({ project, kernel });
    assert.equal(unknown!.state, 'unknown', 'nobody saw how it ended, so nobody says');
  });
});

describe('a full disk under the log', () => {
  it('drops records, says how many, and never blocks the kernel', async () => {
    await using gateway = await startGateway({}, async (home, stack) => {
      const kernels = join(home, 'kernels');
      await mkdir(kernels);
      await execute('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'bine-test', kernels]);
      stack.defer(async () => void (await execute('umount', ['--lazy', kernels])));
    });
    await gateway.api.projects.create({ name: project });
    const kernel = await startKernel(gateway, project);
    await using socket = await openKernel(gateway, { project, kernel });
    const { records, status } = await run(socket, 'for i in range(64):\n    print(str(i) + "x" * 2**20, flush=True)\nprint("the end")');
    assert.equal(status, 'ok');
    assert.match(printed(records), /the end\n$/);
    await using again = await openKernel(gateway, { project, kernel, since: 0 });
    let dropped = 0;
    const last = records.at(-1)!.seq;
    for (let record = await again.next(); record && record.seq < last; record = await again.next()) {
      if (record.header.msg_type !== 'gap') continue;
      dropped += record.content['bytes'] as number;
      assert.match(String(record.content['reason']), /full|space/);
    }
    assert.ok(dropped > 32 * 2 ** 20, `${dropped} bytes were dropped of 64 MiB that a disk of 24 MiB was too small for`);
  });
});
