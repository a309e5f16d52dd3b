/** What needs a process of its own: one whose memory is measured, whose disk is small, or whose files may not grow. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ProblemBody } from '@bine/shared/problems';
import { contentUrl } from './files-server.fixture.ts';

const program = fileURLToPath(new URL('files-server.fixture.ts', import.meta.url));
const isRoot = process.getuid?.() === 0;
/** A mount that nobody else sees, and that goes with the process. */
const unshare = ['unshare', ...(isRoot ? ['--mount'] : ['--map-root-user', '--mount'])];
const mount = 'mount -t tmpfs -o size=8m none "$1"';

async function startProcess(command: string[]) {
  const within = await mkdtemp(join(tmpdir(), 'bine-limits-'));
  const [file, ...args] = [...command, within, process.execPath, program];
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [url] = (await Promise.race([once(createInterface(child.stdout), 'line'), ended])) as [string];
  assert.match(url, /^http/, 'the server starts');
  return {
    pid: child.pid!,
    content: (path: string, init?: RequestInit) => fetch(contentUrl(url, path), init),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
      await rm(within, { recursive: true });
    },
  };
}

/** Repeats one random megabyte. */
function streamOf(size: number, hash = createHash('sha256')) {
  const chunk = new Uint8Array(1024 * 1024).map(() => Math.random() * 256);
  let left = size;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left === 0) return controller.close();
      const next = chunk.subarray(0, Math.min(left, chunk.length));
      left -= next.length;
      hash.update(next);
      controller.enqueue(next.slice());
    },
  });
  return { body, hash };
}

type Limit = { name: string; command: string[]; status: number; code: string; refusesEarly: boolean };

const limits: Limit[] = [
  {
    name: "a limit of the gateway's process",
    command: ['sh', '-c', 'ulimit -f 4096; exec "$2" "$3" "$1"', 'sh'],
    status: 413,
    code: 'too-large',
    refusesEarly: false,
  },
];
const [unshareProgram, ...unshareArguments] = unshare;
if (spawnSync(unshareProgram!, [...unshareArguments, 'sh', '-c', mount, 'sh', '/mnt']).status === 0) {
  limits.push({
    name: 'a full disk',
    command: [...unshare, 'sh', '-c', `${mount} && exec "$2" "$3" "$1"`, 'sh'],
    status: 507,
    code: 'no-space',
    refusesEarly: true,
  });
}

describe('an upload that does not fit', () => {
  for (const { name, command, status, code, refusesEarly } of limits) {
    it(`meets ${name}, and the old file stays as it was`, async () => {
      await using server = await startProcess(command);
      const put = (body: BodyInit) => server.content('model.bin', { method: 'PUT', body, duplex: 'half' } as RequestInit);
      const old = new Uint8Array(1024 * 1024).fill(7);
      assert.equal((await put(old)).status, 200);
      for (let round = 0; round < 3; round++) {
        // Without a length, so that the disk is full in the middle.
        const response = await put(streamOf(24 * 1024 * 1024).body);
        assert.deepEqual([response.status, ((await response.json()) as ProblemBody).code], [status, code]);
      }
      const early = await put(new Uint8Array(24 * 1024 * 1024));
      assert.equal(early.status, status);
      assert.equal(/has \d+ left/.test(await early.text()), refusesEarly);
      assert.deepEqual(new Uint8Array(await (await server.content('model.bin')).arrayBuffer()), old);
      assert.equal((await put(new Uint8Array(1024 * 1024).fill(8))).status, 200, 'what failed left its room to others');
    });
  }
});

describe('a file of any size', () => {
  it('goes up and down in the same little memory, and comes back as it was', async () => {
    await using server = await startProcess(['sh', '-c', 'exec "$2" "$3" "$1"', 'sh']);
    const peak = async () => Number(/VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${server.pid}/status`, 'utf8'))![1]) / 1024;
    const send = ({ body }: { body: ReadableStream }) => server.content('big', { method: 'PUT', body, duplex: 'half' } as RequestInit);
    await send(streamOf(1024 * 1024));
    const before = await peak();

    const size = 300 * 1024 * 1024;
    const sent = streamOf(size);
    assert.equal((await send(sent)).status, 200);
    const received = createHash('sha256');
    let length = 0;
    for await (const chunk of (await server.content('big')).body!) {
      received.update(chunk);
      length += chunk.length;
    }
    assert.deepEqual([length, received.digest('hex')], [size, sent.hash.digest('hex')]);
    const grown = (await peak()) - before;
    assert.ok(grown < 120, `the server grew by ${grown.toFixed()} MiB`);
  });
});
