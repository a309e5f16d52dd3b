import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isRead } from './rpc.ts';

describe('a call that a lost connection cut off', () => {
  for (const path of [
    ['git', 'diff'],
    ['git', 'log'],
    ['git', 'branches'],
    ['files', 'list'],
    ['kernels', 'get'],
    ['audit', 'list'],
  ]) {
    it(`${path.join('.')} is sent again`, () => assert.equal(isRead(path), true));
  }
  for (const path of [['environments', 'preview'], ['jobs', 'run'], ['files', 'delete'], ['git', 'push'], ['nothing', 'list'], []]) {
    it(`${path.join('.') || 'one without a name'} is not`, () => assert.equal(isRead(path), false));
  }
});
