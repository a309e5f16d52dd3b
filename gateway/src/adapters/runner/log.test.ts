import assert from 'node:assert/strict';
import { appendFile, mkdtemp, open, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { linkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { LogLine } from '@bine/shared';
import { createChanges } from '../../lib/changes.ts';
import { followLog } from './log.ts';
import { readEnd, readUsage } from './told.ts';

const record = (seq: number, text = `line ${seq}\n`) => `${JSON.stringify({ seq, time: 1_700_000_000.5, stream: 'stdout', text })}\n`;
const segment = (first: number) => `log-${String(first).padStart(16, '0')}`;

async function startFolder(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'bine-log-'));
  t.after(() => rm(directory, { recursive: true }));
  const changes = createChanges();
  let over = false;
  const follow = (after = 0) => followLog({ directory, after, changes, ended: () => over, signal: t.signal });
  return {
    directory,
    follow,
    async write(first: number, text: string) {
      await appendFile(join(directory, segment(first)), text);
      changes.ring();
    },
    end() {
      over = true;
      changes.ring();
    },
    async all(after = 0): Promise<number[]> {
      const seen: number[] = [];
      for await (const { seq } of follow(after)) seen.push(seq);
      return seen;
    },
  };
}

async function collect(log: AsyncIterable<LogLine>): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for await (const line of log) lines.push(line);
  return lines;
}

describe('the log of an execution', () => {
  it('is read from its first line, live over its segments, to its end', async (t) => {
    const { follow, write, end } = await startFolder(t);
    const lines = follow();
    const first = lines.next();
    await write(1, record(1) + record(2).slice(0, 20));
    assert.deepEqual((await first).value, { seq: 1, time: '2023-11-14T22:13:20.500Z', stream: 'stdout', text: 'line 1\n' });
    const second = lines.next();
    await write(1, record(2).slice(20));
    assert.equal((await second).value?.seq, 2);
    const third = lines.next();
    await write(3, record(3));
    assert.equal((await third).value?.seq, 3);
    end();
    assert.equal((await lines.next()).done, true);
  });

  it('goes on after the line that was seen last, and over what was dropped for want of room', async (t) => {
    const { write, end, all } = await startFolder(t);
    end();
    assert.deepEqual(await all(), []);
    await write(1, record(1) + record(2));
    await write(7, record(7) + record(8));
    assert.deepEqual(await all(), [1, 2, 7, 8]);
    assert.deepEqual(await all(1), [2, 7, 8]);
    assert.deepEqual(await all(5), [7, 8]);
    assert.deepEqual(await all(8), []);
  });

  it('takes nothing for a line that its program put there: links, nonsense, numbers that go back', async (t) => {
    const { directory, write, end, all } = await startFolder(t);
    end();
    const outside = join(directory, 'secret');
    await writeFile(outside, record(1, 'secret'));
    await symlink(outside, join(directory, segment(1)));
    assert.deepEqual(await all(), []);
    await rm(join(directory, segment(1)));
    await write(1, `{"seq":1}\nnull\n\xff\n${record(2)}${record(2)}${record(1)}${'x'.repeat(2 ** 21)}`);
    assert.deepEqual(await all(), [2]);
    await symlink('/dev/zero', join(directory, 'result.json'));
    await writeFile(join(directory, 'usage'), '[1,2]\n[1,0.5,7]\n["a"]\n');
    assert.equal(await readEnd(directory), null);
    assert.deepEqual(await readUsage(directory), [{ time: '1970-01-01T00:00:01.000Z', cpu: 0.5, memory: 7 }]);
  });

  it('is read past a hole of 10 GB, and says that lines may be missing', async (t) => {
    const { directory, write, end, follow } = await startFolder(t);
    end();
    await write(1, record(1));
    await truncate(join(directory, segment(1)), 10 * 2 ** 30);
    await write(1, `\n${record(2)}`);
    await write(3, record(3));
    // What it costs is the number of blocks that are read, which a slow machine does not change.
    const probe = await open(join(directory, segment(1)));
    const read = t.mock.method(Object.getPrototypeOf(probe) as typeof probe, 'read');
    await probe.close();
    const lines = await collect(follow());
    assert.deepEqual(
      lines.filter(({ stream }) => stream === 'stdout').map(({ seq }) => seq),
      [1, 2, 3],
    );
    assert.match(lines.find(({ stream }) => stream === 'system')?.text ?? '', /^Lines may be missing/);
    assert.ok(read.mock.callCount() < 30, `${read.mock.callCount()} reads`);
  });

  it('is read with 20,000 names in its folder, of which it looks at some, and says so', async (t) => {
    const { directory, write, end, follow } = await startFolder(t);
    end();
    await write(1, record(1));
    const made = join(directory, segment(1));
    for (let first = 2; first <= 20_000; first++) linkSync(made, join(directory, segment(first)));
    const lines = await collect(follow());
    assert.equal(lines.filter(({ stream }) => stream === 'stdout').length, 1);
    assert.match(lines.find(({ stream }) => stream === 'system')?.text ?? '', /2000 files or more/);
  });
});
