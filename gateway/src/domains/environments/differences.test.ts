import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ImagePackage } from '../../ports/packages.ts';
import { differences, readPlan, summaryOf } from './differences.ts';

function pkg(name: string, version: string, more: Partial<ImagePackage> = {}): ImagePackage {
  return { name, version, source: 'index', from: null, hashes: [], ...more };
}

describe('the differences between two sets of packages', () => {
  it('are what came, what went and what has another version', () => {
    const changes = differences([pkg('a', '1'), pkg('b', '1'), pkg('c', '1')], [pkg('b', '2'), pkg('c', '1'), pkg('d', '1')]);
    assert.deepEqual(changes, {
      added: [{ name: 'd', version: '1' }],
      removed: [{ name: 'a', version: '1' }],
      updated: [{ name: 'b', from: '1', to: '2' }],
    });
    assert.equal(summaryOf(changes), '+ d 1, b 1 → 2, - a');
  });

  it('are seen where the version is the same, but not the commit or the wheel', () => {
    const git = (commit: string) => pkg('g', '1', { source: 'git', from: `git+https://host.example/g@${commit}` });
    const wheel = (hash: string) => pkg('w', '1', { source: 'wheel', from: 'w-1-py3-none-any.whl', hashes: [hash] });
    const changes = differences([git('a'), wheel('1')], [git('b'), wheel('2')]);
    assert.deepEqual(
      changes.updated.map(({ name }) => name),
      ['g', 'w'],
    );
    assert.equal(summaryOf(changes), 'g 1 (reinstalled), w 1 (reinstalled)');
  });

  it('are none where only what is known of hashes differs', () => {
    assert.deepEqual(differences([pkg('a', '1', { hashes: ['x'] })], [pkg('a', '1')]), { added: [], removed: [], updated: [] });
  });

  it('are told in a line that does not grow without end', () => {
    const added = Array.from({ length: 8 }, (_, index) => ({ name: `p${index}`, version: '1' }));
    assert.equal(summaryOf({ added, removed: [], updated: [] }), '+ p0 1, + p1 1, + p2 1, + p3 1, + p4 1 and 3 more');
  });
});

describe('the plan of a resolver', () => {
  it('is read from its words', () => {
    const words = [
      'Resolved 4 packages in 20ms',
      'Would uninstall 2 packages',
      ' - numpy==2.4.6',
      ' + numpy==2.5.0',
      ' + six==1.17.0 (from file:///bine-change/wheels/six-1.17.0-py3-none-any.whl)',
      ' - joblib==1.6.0',
      ' ~ toolz==1.0.0',
    ];
    assert.deepEqual(readPlan(words), {
      added: [{ name: 'six', version: '1.17.0' }],
      removed: [{ name: 'joblib', version: '1.6.0' }],
      updated: [
        { name: 'numpy', from: '2.4.6', to: '2.5.0' },
        { name: 'toolz', from: '1.0.0', to: '1.0.0' },
      ],
    });
  });
});
