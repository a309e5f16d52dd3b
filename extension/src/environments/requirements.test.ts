import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nameOf, readRequirements } from './requirements.ts';

describe('what is typed to be installed', () => {
  const cases: [typed: string, ...requirements: string[]][] = [
    [''],
    ['seaborn', 'seaborn'],
    ['  seaborn   xgboost==2.1 ', 'seaborn', 'xgboost==2.1'],
    ['seaborn, xgboost', 'seaborn', 'xgboost'],
    ['pandas >= 2, < 3 polars', 'pandas>=2,<3', 'polars'],
    ['requests[security, socks]~=2.32', 'requests[security,socks]~=2.32'],
    ['torch==2.5.1+cpu', 'torch==2.5.1+cpu'],
    ['git+https://git.example/a/b.git@v1.2#egg=b six', 'git+https://git.example/a/b.git@v1.2#egg=b', 'six'],
    ['b @ git+https://git.example/a/b.git@main, six', 'b @ git+https://git.example/a/b.git@main', 'six'],
    ['!pip install seaborn six', 'seaborn', 'six'],
    ['numpy==2.*', 'numpy==2.*'],
  ];
  for (const [typed, ...requirements] of cases) {
    it(`"${typed}" is ${requirements.length === 0 ? 'nothing' : requirements.join(' and ')}`, () => {
      assert.deepEqual(readRequirements(typed), { requirements, rest: '' });
    });
  }

  const wrong: [typed: string, rest: string][] = [
    ['seaborn ==', '=='],
    ['six $(reboot)', '$(reboot)'],
    ['git+ssh://git@git.example/a.git', 'git+ssh://git@git.example/a.git'],
    ['seaborn -r', '-r'],
    ['a==1 b==', 'b=='],
  ];
  for (const [typed, rest] of wrong) {
    it(`"${typed}" cannot be read from "${rest}" on`, () => assert.equal(readRequirements(typed).rest, rest));
  }

  it('is compared with what is installed by its normal name', () => {
    assert.deepEqual(['Scikit_Learn[x]>=1', 'b @ git+https://x/y', 'six'].map(nameOf), ['scikit-learn', 'b', 'six']);
  });
});
