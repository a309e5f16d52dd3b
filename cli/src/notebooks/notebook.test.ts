import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codeCells, formatNotebook, parseNotebook } from './notebook.ts';

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

describe('a file that is no notebook', () => {
  const code = { cell_type: 'code', metadata: {}, source: '1', outputs: [], execution_count: null };
  const cases: [content: unknown, complaint: RegExp][] = [
    [[], /it is a list/],
    [null, /it is null/],
    [{ nbformat: '4', cells: [] }, /its "nbformat" is a string \("4"\); it must be the number 4/],
    [{ cells: [] }, /its "nbformat" is missing; it must be the number 4/],
    [{ nbformat: 3, worksheets: [] }, /not of format 4; convert it with "jupyter nbconvert --to notebook --nbformat 4 a.ipynb"/],
    [
      { nbformat: 4, metadata: { kernelspec: { name: 'ir', language: 'R' } }, cells: [] },
      /in R, and .* "jupyter nbconvert --to script a.ipynb"/,
    ],
    [{ nbformat: 4, metadata: { language_info: { name: 'julia' } }, cells: [] }, /in julia/],
    [{ nbformat: 4, metadata: { kernelspec: { name: 'julia-1.9', display_name: 'Julia' } }, cells: [] }, /in Julia/],
    [{ nbformat: 4, metadata: { kernelspec: { name: 'ir' } }, cells: [] }, /in R, and/],
    [{ nbformat: 4, metadata: null, cells: [] }, /its "metadata" is null/],
    [{ nbformat: 4, cells: {} }, /its "cells" is an object/],
    [{ nbformat: 4, cells: [code, 'x'] }, /cell 2 is a string/],
    [{ nbformat: 4, cells: [null] }, /cell 1 is null/],
    [{ nbformat: 4, cells: [{ ...code, metadata: null }] }, /cell 1 has a "metadata" that is null/],
    [{ nbformat: 4, cells: [{ ...code, metadata: [] }] }, /cell 1 has a "metadata" that is a list/],
    [{ nbformat: 4, cells: [{ ...code, source: [1] }] }, /cell 1 has a "source"/],
    [{ nbformat: 4, cells: [code, { ...code, outputs: {} }] }, /cell 2 has "outputs" that are an object/],
    [{ nbformat: 4, cells: [{ ...code, outputs: ['x'] }] }, /cell 1 has something else than objects/],
    [{ nbformat: 4, cells: [{ ...code, cell_type: 'heading' }] }, /cell 1 has the cell_type "heading"/],
  ];
  for (const [content, complaint] of cases) {
    it(`is refused: ${complaint.source}`, () =>
      assert.throws(() => parseNotebook(JSON.stringify(content), 'a.ipynb'), { code: 'invalid', message: complaint }));
  }

  for (const [text, complaint] of [
    ['', /it is empty/],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n', /pointer of Git LFS.*"git lfs pull"/],
    ['<!DOCTYPE html><html></html>', /it is a web page/],
    ['{\n<<<<<<< HEAD\n "cells": [],\n=======\n>>>>>>> b\n}', /conflict markers/],
    ['\uFFFD\uFFFD{\0}', /not UTF-8/],
    ['{"cells": [1,]}', /it is not JSON \(\S/],
  ] as const) {
    it(`is said to be what it is: ${complaint.source}`, () =>
      assert.throws(() => parseNotebook(text, 'a.ipynb'), { code: 'invalid', message: complaint }));
  }

  it('is not one with numbers that Jupyter writes and JSON does not have', () => {
    const cells = '[{"cell_type": "code", "source": "NaN = \\"NaN\\"", "metadata": {"x": NaN, "y": [-Infinity, Infinity]}}]';
    const [cell] = parseNotebook(`{"nbformat": 4, "cells": ${cells}}`, 'a.ipynb').cells;
    assert.deepEqual([cell?.source, (cell as { metadata?: unknown }).metadata], ['NaN = "NaN"', { x: null, y: [null, null] }]);
  });

  it('is not one of an environment with a name of its own', () => {
    for (const name of ['python3', 'conda-env-julia-py', 'my-ir', 'pysparkkernel', 7])
      assert.equal(parseNotebook(JSON.stringify({ nbformat: 4, metadata: { kernelspec: { name } }, cells: [] }), 'a').cells.length, 0);
  });

  it('has cells that nobody runs where they are tagged so', () => {
    const cells = [
      { cell_type: 'code', source: '1' },
      { ...code, metadata: { tags: ['skip-execution'] } },
      { ...code, metadata: { tags: null } },
    ];
    assert.equal(codeCells(parseNotebook(JSON.stringify({ nbformat: 4, cells }), 'a.ipynb')).length, 2);
  });

  it('is not one that only lacks what can be empty', () => {
    assert.equal(parseNotebook('\uFEFF{"nbformat": 4, "cells": [{"cell_type": "code", "source": "1"}]}', 'a.ipynb').cells.length, 1);
  });
});
