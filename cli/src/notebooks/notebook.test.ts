import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatNotebook, parseNotebook } from './notebook.ts';

const code = (id?: unknown) => ({
  cell_type: 'code',
  source: '1',
  metadata: {},
  outputs: [],
  execution_count: null,
  ...(id !== undefined && { id }),
});

function reread(nbformat_minor: unknown, ids: unknown[]) {
  const markdown = { cell_type: 'markdown', source: '', metadata: {} };
  const text = JSON.stringify({ nbformat: 4, nbformat_minor, metadata: {}, cells: [...ids.map(code), markdown] });
  return JSON.parse(formatNotebook(parseNotebook(text, 'a.ipynb'))) as { nbformat_minor: number; cells: { id: string }[] };
}

describe('a notebook', () => {
  for (const [minor, ids] of [
    [0, [undefined, undefined]],
    [4, ['a', undefined]],
    [5, [undefined, undefined]],
    [5, ['a', 'a']],
    [5, ['no id!', '', 7, 'x'.repeat(65)]],
    [undefined, [undefined]],
  ] as const) {
    it(`of format 4.${minor} with the ids ${JSON.stringify(ids)} has one for each cell`, () => {
      const { nbformat_minor, cells } = reread(minor, [...ids]);
      assert.equal(nbformat_minor, 5);
      assert.equal(new Set(cells.map(({ id }) => id)).size, cells.length);
      for (const { id } of cells) assert.match(id, /^[a-zA-Z0-9-_]{1,64}$/);
    });
  }

  it('keeps good ids and a later minor version', () => {
    const { nbformat_minor, cells } = reread(6, ['a', 'b_-1']);
    assert.equal(nbformat_minor, 6);
    assert.deepEqual(
      cells.slice(0, 2).map(({ id }) => id),
      ['a', 'b_-1'],
    );
  });
});
