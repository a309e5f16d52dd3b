import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Problem } from '@bine/shared/problems';
import { parsePath } from './path.ts';

describe('a path', () => {
  const good: [string, string[]][] = [
    ['', []],
    ['a.txt', ['a.txt']],
    ['data/raw/2024 übersicht.csv', ['data', 'raw', '2024 übersicht.csv']],
    ['...', ['...']],
    ['.git/config', ['.git', 'config']],
    ['100%.txt', ['100%.txt']],
    ['cache/https%3A%2F%2Fpypi.org%2Fsimple', ['cache', 'https%3A%2F%2Fpypi.org%2Fsimple']],
    ['🌿/ß', ['🌿', 'ß']],
    [`${'ä'.repeat(127)}x`, [`${'ä'.repeat(127)}x`]],
  ];
  for (const [path, names] of good) {
    it(`may be ${JSON.stringify(path.slice(0, 50))}`, () => assert.deepEqual(parsePath(path), names));
  }

  const bad: [string, Problem['code'], RegExp][] = [
    ['/', 'path-refused', /absolute/],
    ['/etc/passwd', 'path-refused', /absolute/],
    ['..', 'path-refused', /"\.\."/],
    ['../secret', 'path-refused', /"\.\."/],
    ['a/../../b', 'path-refused', /"\.\."/],
    ['%2e%2e/secret', 'path-refused', /percent-encoded/],
    ['a/%2E%2E/b', 'path-refused', /percent-encoded/],
    ['%252e%252e%252fsecret', 'path-refused', /percent-encoded/],
    ['..%2fsecret', 'path-refused', /percent-encoded/],
    ['..%5csecret', 'path-refused', /percent-encoded/],
    ['%2fetc%2fpasswd', 'path-refused', /percent-encoded/],
    ['a%00.txt', 'path-refused', /percent-encoded/],
    ['.', 'invalid', /"\."/],
    ['a/./b', 'invalid', /"\."/],
    ['a//b', 'invalid', /empty name/],
    ['a/', 'invalid', /empty name/],
    ['a\nb', 'invalid', /line break/],
    ['a/b\u001b[31m', 'invalid', /control character/],
    ['a\u007f', 'invalid', /control character/],
    ['a\u0085', 'invalid', /control character/],
    ['a\0b', 'invalid', /NUL/],
    ['a\ud800', 'invalid', /UTF-8/],
    ['a\ufffd', 'invalid', /UTF-8/],
    ['a\\b', 'invalid', /backslash/],
    ['..\\..\\secret', 'invalid', /backslash/],
    ['x'.repeat(256), 'invalid', /255 bytes/],
    [`dir/${'ä'.repeat(128)}`, 'invalid', /255 bytes/],
  ];
  for (const [path, code, why] of bad) {
    it(`may not be ${JSON.stringify(path.slice(0, 50))}`, () => {
      assert.throws(
        () => parsePath(path),
        (error) => error instanceof Problem && error.code === code && why.test(error.message),
      );
    });
  }

  it('is named by the field that it came in, when it is no path', () => {
    assert.throws(
      () => parsePath('a//b', 'to'),
      (error) => error instanceof Problem && error.fields?.[0]?.field === 'to',
    );
  });
});
