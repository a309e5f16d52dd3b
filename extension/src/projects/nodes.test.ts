import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FileStat, Project } from '@bine/shared';
import { type Node, capabilitiesOf, keyOf, labelOf, projectDescription, projectFacts } from './nodes.ts';

const project: Project = {
  name: 'churn',
  description: 'who leaves',
  created: '2026-01-01T00:00:00.000Z',
  deleted: null,
  role: 'owner',
  idleMinutes: 720,
};
const stat: FileStat = { path: 'a/b.py', type: 'file', size: 1, created: project.created, modified: project.created, etag: 'e' };

describe('a node of the tree', () => {
  const cases: [Node, label: string, key: string, capabilities: string][] = [
    [{ kind: 'project', project }, 'churn', '/churn', 'project;children;write;own;'],
    [{ kind: 'project', project: { ...project, role: 'viewer' } }, 'churn', '/churn', 'project;children;'],
    [
      { kind: 'folder', project: { ...project, role: 'data-scientist' }, stat: { ...stat, path: 'a' } },
      'a',
      '/churn/a',
      'folder;children;write;',
    ],
    [{ kind: 'file', project, stat }, 'b.py', '/churn/a/b.py', 'file;program;write;own;'],
  ];
  for (const [node, label, key, capabilities] of cases) {
    it(`${key} for ${node.project.role} offers ${capabilities}`, () =>
      assert.deepEqual([labelOf(node), keyOf(node), capabilitiesOf(node)], [label, key, capabilities]));
  }
});

describe('a project', () => {
  const cases: [Partial<Project>, kernels: number, text: string][] = [
    [{}, 0, 'who leaves'],
    [{}, 1, '1 kernel'],
    [{}, 3, '3 kernels'],
    [{ role: 'viewer' }, 0, 'viewer · who leaves'],
    [{ role: 'data-scientist', description: '' }, 0, 'data scientist'],
  ];
  for (const [change, kernels, text] of cases) {
    it(`is described as "${text}"`, () => assert.equal(projectDescription({ ...project, ...change }, kernels), text));
  }

  const idle: [number, string][] = [
    [720, 'after 12 h'],
    [15, 'after 15 min'],
    [0, 'never'],
  ];
  for (const [idleMinutes, text] of idle) {
    it(`says that idle kernels end ${text}`, () =>
      assert.equal(Object.fromEntries(projectFacts({ ...project, idleMinutes }))['Idle kernels end'], text));
  }
});
