import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { migrations } from './index.ts';

/** Two migrations got this number. Databases store both names, so neither can be renamed. */
const sharedNumber = '0011';

const names = Object.keys(migrations);

test('migrations are listed in the order in which they are applied', () => {
  assert.deepEqual(names, names.toSorted());
});

test('every migration has a number of its own', () => {
  const numbers = names.map((name) => name.slice(0, 4)).filter((number) => number !== sharedNumber);
  assert.deepEqual(numbers, [...new Set(numbers)]);
  assert.deepEqual(
    names.filter((name) => name.startsWith(sharedNumber)),
    ['0011-erasing', '0011-event-shapes'],
  );
});

test('every file is listed under its own name', () => {
  const files = readdirSync(import.meta.dirname).filter((file) => /^\d{4}-.*\.ts$/.test(file));
  assert.deepEqual(names.toSorted(), files.map((file) => file.replace(/\.ts$/, '')).toSorted());
});
