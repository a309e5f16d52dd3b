import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Package } from '@bine/shared';
import { inOrder, revisionText } from './revision-text.ts';

const six: Package = { name: 'six', version: '1.17.0', source: 'index', from: null, direct: true };
const attrs: Package = { name: 'attrs', version: '25.1.0', source: 'bundled', from: null, direct: false };

describe('the text of a revision', () => {
  it('has one package a line, in the order of their names, however they come', () => {
    assert.equal(revisionText([six, attrs]), 'attrs==25.1.0\nsix==1.17.0\n');
    assert.equal(revisionText([attrs, six]), revisionText([six, attrs]));
    assert.equal(revisionText([]), '');
  });

  it('tells the same version from another source apart', () => {
    const from = 'git+https://example.org/six@0123abc';
    assert.equal(revisionText([{ ...six, source: 'git', from }]), `six==1.17.0 @ ${from}\n`);
  });

  it('is compared with the older revision on the left', () => {
    assert.deepEqual(inOrder(4, 2), { left: 2, right: 4 });
    assert.deepEqual(inOrder(2, 4), { left: 2, right: 4 });
  });
});
