import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import type { Execution } from '@bine/shared';
import { longestTurn } from '../../lib/longest-turn.fixture.ts';
import { readExecutions } from './history.ts';

const time = '2026-01-01T00:00:00.000Z';
const execution = (first: number, more: Partial<Execution> = {}): Execution => ({
  id: `id-${first}`,
  epoch: 1,
  cell: null,
  state: 'succeeded',
  count: 1,
  submitted: time,
  started: time,
  ended: time,
  first,
  last: first + 1,
  error: null,
  ...more,
});
const line = (one: Execution) => `${JSON.stringify(one)}\n`;

async function folderWith(t: TestContext, journal: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'bine-journal-'));
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'journal'), journal);
  return directory;
}

describe("the executions in a stopped kernel's journal", () => {
  it('are as the last line of each has them, whatever stands between', async (t) => {
    const open = execution(3, { state: 'running', ended: null, last: null });
    const journal = [
      line(execution(1, { state: 'queued' })),
      `${'x'.repeat(3 * 2 ** 20)}\n`,
      line(execution(2, { cell: 'ä'.repeat(300_000) })),
      'torn\n',
      line(execution(1)),
      line(open).slice(0, -1),
    ];
    const read = await readExecutions({ directory: await folderWith(t, journal.join('')) });
    assert.deepEqual(read, [execution(1), execution(2, { cell: 'ä'.repeat(300_000) }), { ...open, state: 'unknown' }]);
  });

  it('of 60 MB keep nobody waiting, and the latest are told', async (t) => {
    const count = 220_000;
    const journal = Array.from({ length: count }, (_, i) => line(execution(i + 1))).join('');
    const directory = await folderWith(t, journal.padEnd(60_000_000, '\n'));
    let read: Execution[] = [];
    const longest = await longestTurn(async () => (read = await readExecutions({ directory })));
    t.diagnostic(`longest turn ${Math.round(longest)} ms`);
    assert.ok(longest < 200, `${longest} ms`);
    assert.equal(read.length, 20_000);
    assert.equal(read.at(-1)?.first, count);
  });
});
