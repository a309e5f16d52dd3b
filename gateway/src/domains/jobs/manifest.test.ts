import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mostSnapshotEntries } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { longestTurn } from '../../lib/longest-turn.fixture.ts';
import { parseManifest } from './manifest.ts';

const sha256 = 'a'.repeat(64);
const file = (path: string) => ({ type: 'file', path, mode: 0o644, sha256, size: 1 });
const bytesOf = (value: unknown, indentation?: number) => Buffer.from(JSON.stringify(value, null, indentation));

describe('a manifest', () => {
  const odd = ['a "quoted" \\ name', '{[}],', 'Straße/日本', 'x\ny', '"'];
  const entries = [...odd.map(file), { type: 'directory', path: 'empty', mode: 0o755 }];

  for (const indentation of [undefined, 2]) {
    it(`is read with every name that a file can have${indentation ? ', indented' : ''}`, async () => {
      assert.deepEqual(await parseManifest(bytesOf({ version: 1, entries }, indentation)), entries);
      assert.deepEqual(await parseManifest(bytesOf({ entries: [], version: 1 }, indentation)), []);
    });
  }

  const one = JSON.stringify(file('a'));
  const bad = [
    '',
    'null',
    '[]',
    '{}',
    '{"version":1}',
    '{"version":2,"entries":[]}',
    '{"version":1,"entries":{}}',
    '{"version":1,"entries":[0]}',
    '{"version":1,"entries":[null]}',
    `{"version":1,"entries":[[${one}]]}`,
    `{"version":1,"entries":[${one}`,
    `{"version":1,"entries":[${one} ${one}]}`,
    `{"version":1,"entries":[${one}],"more":[${one}]}`,
    `{"version":1,"entries":[${one}],"entries":[${one}]}`,
    `{"version":1,"entries":[${one}]}}`,
    `{"version":1,"entries":[{"type":"file"}]}`,
    `{"version":1,"entries":[${one.replace('{', '{"extra":1,')}]}`,
    `{"version":1,"entries":[${JSON.stringify(file('a'.repeat(4097)))}]}`,
    `{"version":1,"entries":[${' '.repeat(5 * 2 ** 20)}]}`,
    `{"version":1,"entries":["${'a'.repeat(5 * 2 ** 20)}"]}`,
    '['.repeat(2 ** 20),
    ']'.repeat(2 ** 20),
    '"\\',
  ];
  it('that is none is refused', async () => {
    for (const text of bad) {
      await assert.rejects(
        parseManifest(Buffer.from(text)),
        (error) => error instanceof Problem && error.code === 'invalid',
        text.slice(0, 100),
      );
    }
  });

  it('with as many entries as there may be does not keep others waiting, and with one more is refused', async (t) => {
    const many = Array.from({ length: mostSnapshotEntries }, (_, i) => file(`data/part-${i % 500}/images/sample-${i}.png`));
    const bytes = bytesOf({ version: 1, entries: many });
    const longest = await longestTurn(async () => assert.equal((await parseManifest(bytes)).length, many.length));
    t.diagnostic(`longest turn ${Math.round(longest)} ms`);
    assert.ok(longest < 200, `${longest} ms`);
    await assert.rejects(parseManifest(bytesOf({ version: 1, entries: [...many, file('one-more')] })), /200001 entries/);
  });
});
