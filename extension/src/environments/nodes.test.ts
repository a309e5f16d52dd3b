import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Change, Environment, Package, Project, Revision } from '@bine/shared';
import {
  type EnvironmentNode,
  capabilitiesOf,
  changeWords,
  environmentLook,
  packageLook,
  revisionLook,
  sortPackages,
  userLook,
} from './nodes.ts';

const environment: Environment = {
  name: 'training',
  project: 'churn',
  title: 'training',
  purpose: 'training',
  description: '',
  bundled: false,
  from: 'python-training',
  revision: 3,
  packages: ['pandas'],
  state: 'ready',
  problem: null,
  image: 'sha256:1',
  built: '2026-01-01T12:00:00.000Z',
};
const bundled: Environment = { ...environment, name: 'python-training', project: null, bundled: true, from: null, revision: null };
const project = { name: 'churn', role: 'owner' } as Project;
const change: Change = {
  id: 'c',
  environment: 'training',
  action: 'change',
  install: ['seaborn', 'six'],
  uninstall: [],
  secrets: [],
  rollbackTo: null,
  state: 'installing',
  problem: null,
  user: 'ada',
  submitted: '2026-01-01T12:00:00.000Z',
  ended: null,
  revision: null,
};
const revision: Revision = {
  number: 2,
  time: '2026-01-01T11:00:00.000Z',
  user: 'ada',
  action: 'change',
  summary: '+ seaborn 0.13.2',
  changes: { added: [{ name: 'seaborn', version: '0.13.2' }], removed: [], updated: [] },
  image: 'sha256:2',
  rollbackTo: null,
  change: 'c',
};
const now = Date.parse('2026-01-01T12:00:00.000Z');
const node = (one: Environment, role = 'owner'): EnvironmentNode => ({
  kind: 'environment',
  project: { ...project, role } as Project,
  environment: one,
});

describe('an environment in the view', () => {
  const looks: [string, Environment, Change | undefined, icon: string, description: string][] = [
    ['a clone', environment, undefined, 'server-environment', 'revision 3'],
    ['a clone that is changed', { ...environment, state: 'changing' }, change, 'sync~spin', 'revision 3 · installing seaborn and six'],
    ['a clone whose change failed', { ...environment, problem: 'x' }, undefined, 'server-environment', 'revision 3'],
    ['a clone that is gone', { ...environment, state: 'failed', problem: 'x' }, undefined, 'error', 'revision 3 · cannot be used'],
    ['a bundled one', bundled, undefined, 'server-environment', 'bundled'],
    ['one that was never built', { ...bundled, state: 'absent' }, undefined, 'circle-outline', 'bundled · built on first use'],
    ['one whose build failed', { ...bundled, state: 'failed', problem: 'x' }, undefined, 'error', 'bundled · its last build failed'],
  ];
  for (const [name, one, doing, icon, description] of looks) {
    it(`that is ${name} says so`, () => {
      const look = environmentLook(one, doing);
      assert.deepEqual([look.icon, look.description], [icon, description]);
    });
  }

  const can: [string, EnvironmentNode, string][] = [
    ['a clone can be changed', node(environment), 'environment;clone;install;edit;log;'],
    ['a change can be cancelled', node({ ...environment, state: 'changing' }), 'environment;clone;install;edit;cancel;log;'],
    ['a bundled one can be cloned', node(bundled), 'environment;clone;bundled;log;'],
    ['one that was never built can be built', node({ ...bundled, state: 'absent' }), 'environment;clone;bundled;build;'],
    ['a viewer can look', node(environment, 'viewer'), 'environment;'],
  ];
  for (const [name, one, capabilities] of can) it(name, () => assert.equal(capabilitiesOf(one), capabilities));

  it('has revisions to go back to, but for the one that it is in', () => {
    const of = node(environment);
    assert.equal(capabilitiesOf({ kind: 'revision', of, revision }), 'revision;rollBack;log;');
    assert.equal(capabilitiesOf({ kind: 'revision', of, revision: { ...revision, number: 3 } }), 'revision;log;');
    const { label, description } = revisionLook(revision, 3, now);
    assert.deepEqual([label, description], ['Revision 2', '+ seaborn 0.13.2 · ada, 1h ago']);
    assert.match(revisionLook(revision, 2, now).description, /^current · /);
  });

  it('has the packages that were asked for first', () => {
    const one = (name: string, direct: boolean, source: Package['source'] = 'index'): Package => ({
      name,
      direct,
      source,
      version: '1',
      from: null,
    });
    const sorted = sortPackages([one('b', false), one('z', true), one('a', false), one('y', true, 'git')]);
    assert.deepEqual(
      sorted.map(({ name }) => name),
      ['y', 'z', 'a', 'b'],
    );
    assert.equal(packageLook(sorted[0]!).description, '1 · Git');
    assert.equal(capabilitiesOf({ kind: 'package', of: node(bundled), package: sorted[0]! }), 'package;');
  });

  it('names the kernels that have an older revision', () => {
    const user = { type: 'kernel', id: 'k', title: 'a.ipynb', revision: 2 } as const;
    assert.equal(userLook(user, 3).description, 'kernel · still revision 2');
    assert.equal(userLook(user, 2).description, 'kernel');
  });

  it('says what waits, and what a roll back does', () => {
    assert.equal(changeWords({ ...change, state: 'queued' }), 'waits before installing seaborn and six');
    assert.equal(changeWords({ ...change, install: [], rollbackTo: 1 }), 'rolling back to revision 1');
  });
});
