import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { usage } from './config.ts';

it('is described in the documents, flag by flag and variable by variable', async () => {
  const page = await readFile(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');
  const named = [...usage.matchAll(/--[a-z][a-z-]+|\b(?:BINE|DOCKER)_[A-Z_]+/g)].map(([name]) => name);
  assert.ok(named.length > 40, 'the usage names its flags');
  const missing = [...new Set(named)].filter((name) => !new RegExp(`${name}(?![\\w-])`).test(page));
  assert.deepEqual(missing, []);
});
