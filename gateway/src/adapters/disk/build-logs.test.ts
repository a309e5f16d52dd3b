import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { BuildLine } from '@bine/shared';
import { createBuildLogs } from './build-logs.ts';

const never = new AbortController().signal;
const line = (text: string, done?: BuildLine['done']): BuildLine => ({ time: '2026-01-01T00:00:00.000Z', text, ...(done && { done }) });

async function startLogs(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'bine-builds-'));
  t.after(() => rm(folder, { recursive: true }));
  return { folder, logs: createBuildLogs(folder) };
}

async function texts(lines: AsyncIterable<BuildLine> | null): Promise<string[] | null> {
  if (!lines) return null;
  const all: string[] = [];
  for await (const { text, done } of lines) all.push(done ? `${text} (${done})` : text);
  return all;
}

describe('the log of a build', () => {
  it('is read from its first line, then live to its end, by any number of readers', async (t) => {
    const { logs } = await startLogs(t);
    const writer = await logs.begin('training');
    writer.write(line('one'));
    const readers = [texts(await logs.read('training', never)), texts(await logs.read('training', never))];
    writer.write(line('two'));
    const late = texts(await logs.read('training', never));
    writer.write(line('three', 'succeeded'));
    await writer.close();
    for (const reader of [...readers, late]) assert.deepEqual(await reader, ['one', 'two', 'three (succeeded)']);
    assert.deepEqual(await texts(await createBuildLogs((await startLogs(t)).folder).read('training', never)), null);
  });

  it('is still there for another gateway, and so is its last line', async (t) => {
    const { folder, logs } = await startLogs(t);
    const writer = await logs.begin('training');
    writer.write(line('one'));
    writer.write(line('no such package', 'failed'));
    await writer.close();
    const later = createBuildLogs(folder);
    assert.deepEqual(await texts(await later.read('training', never)), ['one', 'no such package (failed)']);
    assert.equal((await later.last('training'))?.done, 'failed');
    assert.equal(await later.last('feature'), null);
  });

  it('goes to its own end for who reads it while the next build begins', async (t) => {
    const { logs } = await startLogs(t);
    const first = await logs.begin('training');
    first.write(line('old'));
    const reader = texts(await logs.read('training', never));
    const second = await logs.begin('training');
    second.write(line('new', 'succeeded'));
    await second.close();
    first.write(line('old end', 'cancelled'));
    await first.close();
    assert.deepEqual(await reader, ['old', 'old end (cancelled)']);
    assert.deepEqual(await texts(await logs.read('training', never)), ['new (succeeded)']);
  });

  it('that a crash cut short is ended later, without the torn line', async (t) => {
    const { folder, logs } = await startLogs(t);
    const writer = await logs.begin('training');
    writer.write(line('one'));
    await writer.close();
    await appendFile(join(folder, 'training/log.jsonl'), '{"time":"2026-');
    await logs.end('training', line('The gateway stopped', 'failed'));
    assert.deepEqual(await texts(await logs.read('training', never)), ['one', 'The gateway stopped (failed)']);
  });

  it('lets a reader go who gives up', async (t) => {
    const { logs } = await startLogs(t);
    const writer = await logs.begin('training');
    const stop = new AbortController();
    const reader = texts(await logs.read('training', stop.signal));
    stop.abort();
    assert.deepEqual(await reader, []);
    await writer.close();
  });
});
