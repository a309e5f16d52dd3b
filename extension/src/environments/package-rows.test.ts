import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Found, listed, packageRows, searched } from './package-rows.ts';

const installed = new Map([['pandas', '2.2.0']]);
const pandas: Found = { name: 'pandas', versions: ['2.3.0', '2.2.0', '2.1.4'] };
const rows = (text: string, found?: Found | null) => packageRows({ text, found, installed }).flatMap(([, all]) => all);
const labels = (text: string, found?: Found | null) => rows(text, found).map(({ label }) => label.replace(/^\$\([^)]*\) /, ''));

describe('"Install Packages…"', () => {
  it('offers files before anything is typed', () => {
    assert.deepEqual(labels(''), ['From requirements.txt…', 'From Wheel…']);
  });

  it('installs what is typed with Enter, or previews it', () => {
    assert.deepEqual(labels('seaborn six==1.17'), ['Install seaborn and six==1.17', 'Preview']);
    assert.deepEqual(rows('seaborn six==1.17')[0]!.action, { do: 'install', packages: ['seaborn', 'six==1.17'] });
  });

  it('says what is there already, and which version the index has', () => {
    const [install, , latest, current] = rows('pandas', pandas);
    assert.equal(install!.description, 'pandas 2.2.0 is there');
    assert.deepEqual([latest!.label, latest!.description], ['$(package) pandas 2.3.0', 'latest']);
    assert.equal(current!.description, 'installed');
  });

  it('goes on typing behind a version that is chosen', () => {
    const action = rows('six pandas[excel]', pandas).at(-1)!.action;
    assert.deepEqual(action, { do: 'type', text: 'six pandas[excel]==2.1.4 ' });
    assert.deepEqual(rows('pandas==', pandas).at(-1)!.action, { do: 'type', text: 'pandas==2.1.4 ' });
  });

  it('says what cannot be read, and what the index does not have', () => {
    assert.deepEqual(labels('seaborn $x', null), ['"$x" cannot be read']);
    assert.deepEqual(labels('nosuch', null).at(-1), 'The index has no package named "nosuch"');
  });

  const words: [string, string | null][] = [
    ['sea', 'sea'],
    ['six Scikit_Learn', 'scikit-learn'],
    ['six==1.0', 'six'],
    ['six ', null],
    ['git+https://git.example/a.git', null],
    ['', null],
  ];
  for (const [text, name] of words) it(`asks the index for ${name} after "${text}"`, () => assert.equal(searched(text), name));

  it('lists things as one says them', () => {
    assert.deepEqual(
      [['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd', 'e']].map((things) => listed(things)),
      ['a', 'a and b', 'a, b and c', 'a, b and 3 more'],
    );
  });
});
