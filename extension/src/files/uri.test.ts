import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { baseName, join, nameProblem, parentOf, placeOf, uriPath } from './uri.ts';

describe('the URI of a file', () => {
  const cases: [string, { project: string; path: string } | null][] = [
    ['/', null],
    ['', null],
    ['/p', { project: 'p', path: '' }],
    ['/p/', { project: 'p', path: '' }],
    ['/p/a.ipynb', { project: 'p', path: 'a.ipynb' }],
    ['/p/a/b c/d#é?.py', { project: 'p', path: 'a/b c/d#é?.py' }],
    ['/p/folder/', { project: 'p', path: 'folder' }],
  ];
  for (const [path, place] of cases) it(`"${path}" names ${JSON.stringify(place)}`, () => assert.deepEqual(placeOf({ path }), place));

  it('is made from the project and the path', () => {
    assert.equal(uriPath({ project: 'p', path: '' }), '/p');
    assert.equal(uriPath({ project: 'p', path: 'a/b' }), '/p/a/b');
  });

  it('has a name and a parent', () => {
    assert.deepEqual([baseName('a/b.py'), baseName('b.py'), parentOf('a/b.py'), parentOf('b.py')], ['b.py', 'b.py', 'a', '']);
    assert.deepEqual([join('', 'a'), join('a/b', 'c')], ['a', 'a/b/c']);
  });
});

describe('a name for a new file', () => {
  for (const name of ['a', 'a b.ipynb', 'ümläut', 'new/folder/x.py', '.env']) {
    it(`"${name}" is accepted`, () => assert.equal(nameProblem(name), undefined));
  }
  for (const name of ['', ' ', '/a', 'a//b', '../a', 'a/.', 'é'.repeat(128)]) {
    it(`"${name.slice(0, 10)}" is refused`, () => assert.equal(typeof nameProblem(name), 'string'));
  }
  it('that is taken is refused', () => assert.match(nameProblem('a', new Set(['a'])) ?? '', /there already/));
});
