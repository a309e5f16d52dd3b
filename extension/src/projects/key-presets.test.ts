import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scopes } from '@bine/shared';
import { scopesOf } from './key-presets.ts';

describe('a key that is made in the editor', () => {
  it('for work has every scope of projects, those of jobs and Git among them', () => {
    const work = scopesOf('work', scopes);
    for (const scope of ['jobs:read', 'jobs:write', 'git:read', 'git:write', 'kernels:write', 'files:write', 'events:read'] as const) {
      assert.ok(work.includes(scope), scope);
    }
    assert.deepEqual(
      scopes.filter((scope) => !work.includes(scope)),
      ['keys:write', 'users:read', 'users:write', 'audit:read'],
    );
  });

  it('to look has every scope to read in projects and none to write', () => {
    const read = scopesOf('read', scopes);
    assert.ok(read.includes('jobs:read') && read.includes('git:read'));
    assert.ok(read.every((scope) => scope.endsWith(':read')));
  });

  it('has no more than the key that makes it', () => {
    assert.deepEqual(scopesOf('work', ['files:read', 'keys:write']), ['files:read']);
  });
});
