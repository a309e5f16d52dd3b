import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Problem } from '@bine/shared/problems';
import { readExecutions, readLog } from './history.ts';
import { connectSupervisor } from './supervisor.ts';
import { startSupervisor } from './supervisor.fixture.ts';
import type { SupervisorProcess } from './supervisor.fixture.ts';
import type { LogRecord, Supervisor, SupervisorState } from '../../ports/kernel-agent.ts';
import { createLargeRecords } from './byte-budget.ts';

const largeRecords = createLargeRecords();

const deadline = () => AbortSignal.timeout(60_000);

type Message = { seq: number; channel: string; id: string; type: string; parent: string | undefined; content: Record<string, never> };

function read({ seq, frames }: LogRecord): Message {
  const [channel, header, parent, , content] = frames.slice(0, 5).map((frame) => Buffer.from(frame).toString());
  const { msg_id: id, msg_type: type } = JSON.parse(header!);
  return { seq, channel: channel!, id, type, parent: JSON.parse(parent!).msg_id, content: JSON.parse(content!) };
}

function request(type: string, content: unknown, metadata: unknown = {}, channel = 'shell'): { id: string; frames: Uint8Array[] } {
  const id = randomUUID();
  const header = { msg_id: id, msg_type: type, session: 'test', username: 'test', date: new Date().toISOString(), version: '5.3' };
  return { id, frames: [channel, ...[header, {}, metadata, content].map((part) => JSON.stringify(part))].map((part) => Buffer.from(part)) };
}

const cell = (code: string, metadata: unknown = {}) =>
  request('execute_request', { code, silent: false, store_history: true, allow_stdin: true, stop_on_error: true }, metadata);

async function collect(records: AsyncIterable<LogRecord>, until: (message: Message, all: Message[]) => boolean): Promise<Message[]> {
  const found: Message[] = [];
  for await (const record of records) {
    const message = read(record);
    found.push(message);
    if (until(message, found)) break;
  }
  return found;
}

/** Both halves of the end of an execution. */
const ended = (id: string) => (_: Message, all: Message[]) =>
  all.some(({ type, parent }) => type === 'execute_reply' && parent === id) &&
  all.some(({ type, parent, content }) => type === 'status' && parent === id && content['execution_state'] === 'idle');

const printed = (messages: Message[], by?: string) =>
  messages.map(({ type, parent, content }) => (type === 'stream' && (by ?? parent) === parent ? content['text'] : '')).join('');

function untilState(supervisor: Supervisor, state: SupervisorState['state']): Promise<SupervisorState> {
  return new Promise((resolve) => {
    const check = (now: SupervisorState) => {
      if (now.state !== state) return;
      listening[Symbol.dispose]();
      resolve(now);
    };
    const listening = supervisor.onChange(check);
    check(supervisor.state());
  });
}

describe('a supervisor with a kernel', () => {
  let running: SupervisorProcess;
  let supervisor: Supervisor;

  before(async () => {
    running = await startSupervisor();
    supervisor = await connectSupervisor({ largeRecords, directory: running.directory, signal: deadline() });
    await untilState(supervisor, 'idle');
  });
  after(async () => {
    await supervisor[Symbol.asyncDispose]();
    await running[Symbol.asyncDispose]();
  });

  it('runs a cell and gives its output to whoever is attached', async () => {
    const hello = cell("print('hello')");
    const attached = supervisor.attach({ signal: deadline() })[Symbol.asyncIterator]();
    const first = read((await attached.next()).value as LogRecord);
    assert.equal(first.type, 'attached');
    assert.equal(first.content['state'], 'idle');
    await supervisor.request(hello.frames);
    const messages = await collect({ [Symbol.asyncIterator]: () => attached }, ended(hello.id));
    assert.equal(printed(messages, hello.id), 'hello\n');
    assert.deepEqual(
      messages.map(({ seq }) => seq),
      messages.map((_, i) => messages[0]!.seq + i),
      'no number is missing',
    );
  });

  it('lists what it ran, with where it stands in the log', async () => {
    const since = supervisor.state().head;
    const fails = cell('1/0', { cellId: 'c1' });
    await supervisor.request(fails.frames);
    const messages = await collect(supervisor.attach({ since, signal: deadline() }), ended(fails.id));
    const execution = (await supervisor.executions()).find(({ id }) => id === fails.id);
    assert.equal(execution?.state, 'failed');
    assert.equal(execution.cell, 'c1');
    assert.deepEqual(execution.error, { name: 'ZeroDivisionError', value: 'division by zero' });
    assert.equal(execution.first, messages.find(({ id }) => id === fails.id)?.seq);
    assert.equal(execution.last, messages.at(-1)?.seq);
  });

  it('replays what was missed and goes on live, each record once', async () => {
    const ticks = cell('import time\nfor i in range(20):\n  print(i, flush=True); time.sleep(0.02)');
    const since = supervisor.state().head;
    await supervisor.request(ticks.frames);
    const early = await collect(supervisor.attach({ since, signal: deadline() }), (_, all) => printed(all, ticks.id).includes('5\n'));
    const late = await collect(supervisor.attach({ since: early.at(-1)!.seq, signal: deadline() }), (message, all) =>
      ended(ticks.id)(message, [...early, ...all]),
    );
    assert.equal(printed([...early, ...late], ticks.id), Array.from({ length: 20 }, (_, i) => `${i}\n`).join(''));
  });

  it('does not run a request twice', async () => {
    const once = cell("print('once')");
    const since = supervisor.state().head;
    await supervisor.request(once.frames);
    await supervisor.request(once.frames);
    const last = cell('pass');
    await supervisor.request(last.frames);
    const messages = await collect(supervisor.attach({ since, signal: deadline() }), ended(last.id));
    assert.equal(printed(messages, once.id), 'once\n');
  });

  it('interrupts a loop and aborts what waits behind it', async () => {
    const [loop, next] = [cell("print('on', flush=True)\nwhile True: pass"), cell('2')];
    const since = supervisor.state().head;
    await supervisor.request(loop.frames);
    await supervisor.request(next.frames);
    const records = supervisor.attach({ since, signal: deadline() });
    await collect(records, (_, all) => printed(all, loop.id).includes('on'));
    await supervisor.interrupt(deadline());
    await collect(supervisor.attach({ since, signal: deadline() }), ended(loop.id));
    const states = (await supervisor.executions()).filter(({ id }) => id === loop.id || id === next.id).map(({ state }) => state);
    assert.deepEqual(states, ['failed', 'aborted']);
  });

  it('keeps a reader that does not read from holding up anything', async () => {
    const since = supervisor.state().head;
    const slow = supervisor.attach({ since, signal: deadline() })[Symbol.asyncIterator]();
    await slow.next();
    const flood = cell("import sys\nfor i in range(20): sys.stdout.write('x' * 1_000_000); sys.stdout.flush()");
    await supervisor.request(flood.frames);
    const quick = await collect(supervisor.attach({ since, signal: deadline() }), ended(flood.id));
    assert.equal(printed(quick, flood.id).length, 20_000_000);
    const behind = await collect({ [Symbol.asyncIterator]: () => slow }, ended(flood.id));
    assert.equal(printed(behind, flood.id).length, 20_000_000);
  });

  it('refuses what is no Jupyter message, saying why', async () => {
    const frames = ['shell', '{"msg_id": 1}', '{}', '{}', '{}'].map((part) => Buffer.from(part));
    await assert.rejects(supervisor.request(frames), (error) => error instanceof Problem && error.code === 'invalid');
  });

  it('restarts the kernel in the same log', async () => {
    const { epoch, head } = supervisor.state();
    await supervisor.restart(deadline());
    const now = await untilState(supervisor, 'idle');
    assert.equal(now.epoch, epoch + 1);
    assert.ok(now.head > head);
    const gone = cell('ticks = 1');
    await supervisor.request(gone.frames);
    await collect(supervisor.attach({ since: head, signal: deadline() }), ended(gone.id));
  });
});

describe('a kernel that is gone', () => {
  it('leaves a log and a journal that say the same as its supervisor did', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'bine-kernel-'));
    try {
      await using running = await startSupervisor({ directory });
      const supervisor = await connectSupervisor({ largeRecords, directory, signal: deadline() });
      await untilState(supervisor, 'idle');
      const hello = cell("print('hello')");
      const live = supervisor.attach({ since: 0, signal: deadline() });
      await supervisor.request(hello.frames);
      const messages = await collect(live, ended(hello.id));
      const executions = await supervisor.executions();
      await supervisor.shutdown(deadline());
      await supervisor.closed;
      assert.equal(await running.exited, 0);
      await assert.rejects(supervisor.request(cell('1').frames), (error) => error instanceof Problem && error.code === 'conflict');
      const left = await collect(readLog({ largeRecords, directory, since: 0, signal: deadline() }), () => false);
      assert.deepEqual(left.slice(1, messages.length), messages.slice(1));
      assert.equal(left.at(-1)?.type, 'ended');
      assert.equal(left[0]?.content['head'], left.at(-1)?.seq);
      assert.deepEqual(await readExecutions({ directory }), executions);
      assert.equal((await collect(readLog({ largeRecords, directory, signal: deadline() }), () => false)).length, 1, 'nothing is new');
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('is told as gone when its supervisor is killed in the middle of a cell', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'bine-kernel-'));
    try {
      await using running = await startSupervisor({ directory });
      const supervisor = await connectSupervisor({ largeRecords, directory, signal: deadline() });
      await untilState(supervisor, 'idle');
      const [sleeps, next] = [cell("print('on', flush=True)\nimport time; time.sleep(600)"), cell('2')];
      const live = supervisor.attach({ since: 0, signal: deadline() });
      await supervisor.request(sleeps.frames);
      await supervisor.request(next.frames);
      await collect(live, (_, all) => printed(all, sleeps.id).includes('on'));
      running.kill('SIGKILL');
      await supervisor.closed;
      assert.deepEqual(
        (await readExecutions({ directory })).map(({ state }) => state),
        ['unknown', 'aborted'],
      );
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe("a kernel's folder that a program has meddled with", () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bine-kernel-'));
  });
  after(() => rm(directory, { recursive: true }));

  const soon = () => AbortSignal.timeout(300);

  it('is not followed through a link to a socket elsewhere', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'bine-kernel-'));
    let visitors = 0;
    const server = createServer(() => visitors++).listen(join(elsewhere, 'socket'));
    try {
      await symlink(join(elsewhere, 'socket'), join(directory, 'supervisor.sock'));
      await assert.rejects(connectSupervisor({ largeRecords, directory, signal: soon() }), { name: 'TimeoutError' });
      assert.equal(visitors, 0);
    } finally {
      server.close();
      await unlink(join(directory, 'supervisor.sock'));
      await rm(elsewhere, { recursive: true });
    }
  });

  it('does not keep waiting for a socket that talks nonsense', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(10))).listen(
      join(directory, 'supervisor.sock'),
    );
    try {
      await assert.rejects(connectSupervisor({ largeRecords, directory, signal: soon() }));
    } finally {
      server.close();
    }
  });

  it('does not wait for a FIFO or follow a link in the place of a log', async () => {
    const { execFileSync } = await import('node:child_process');
    execFileSync('mkfifo', [join(directory, 'journal'), join(directory, 'log-0000000000000001')]);
    await symlink('/etc/passwd', join(directory, 'log-0000000000000002'));
    assert.deepEqual(await readExecutions({ directory }), []);
    assert.equal((await collect(readLog({ largeRecords, directory, since: 0, signal: deadline() }), () => false)).length, 1);
    await unlink(join(directory, 'journal'));
    await unlink(join(directory, 'log-0000000000000001'));
    await unlink(join(directory, 'log-0000000000000002'));
  });

  it('ends at the first record that is not whole', async () => {
    await writeFile(join(directory, 'log-0000000000000001'), Buffer.alloc(4096, 0xff));
    await writeFile(join(directory, 'journal'), '{"id": 1}\nnull\n{"id": "torn"');
    await chmod(join(directory, 'journal'), 0o644);
    assert.deepEqual(await readExecutions({ directory }), []);
    assert.equal((await collect(readLog({ largeRecords, directory, since: 0, signal: deadline() }), () => false)).length, 1);
  });
});
