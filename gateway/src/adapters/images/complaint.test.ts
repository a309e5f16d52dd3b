import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { complaint } from './complaint.ts';

const using = 'Using Python 3.11.2 environment at: /opt/env';
const unsatisfiable = 'we can conclude that your requirements are unsatisfiable.';
const solution = 'error: No solution found when resolving dependencies';
const hint = 'hint: Build failures usually indicate a problem with the package or the build environment';

/** In uv's own words, as they were heard. */
const complaints: { what: string; said: string[]; told: string }[] = [
  {
    what: 'a package that nobody knows',
    said: [using, solution, `  cause: Because humanice was not found in the package registry and you require humanice, ${unsatisfiable}`],
    told: 'The package index has no "humanice". Is that its name?',
  },
  {
    what: 'a version that there is not',
    said: [using, solution, `  cause: Because there is no version of humanize==99.9 and you require humanize==99.9, ${unsatisfiable}`],
    told: 'The package index has no humanize==99.9.',
  },
  {
    what: 'pins that exclude each other',
    said: [
      using,
      solution,
      '  cause: Because jedi==0.19.1 depends on parso>=0.8.3 and you require jedi==0.19.1, we can conclude that you require parso>=0.8.3.',
      `         And because you require parso==0.7.0, ${unsatisfiable}`,
    ],
    told:
      'Nothing fits all that was asked for. Because jedi==0.19.1 depends on parso>=0.8.3 and you require jedi==0.19.1, ' +
      `we can conclude that you require parso>=0.8.3. And because you require parso==0.7.0, ${unsatisfiable}`,
  },
  {
    what: 'a build that fails',
    said: [
      using,
      'error: Failed to build `broken @ file:///bine-change/wheels/broken-1.0.tar.gz`',
      '  cause: The build backend returned an error',
      '  cause: Call to `setuptools.build_meta:__legacy__.get_requires_for_build_wheel` failed (exit status: 1)',
      '         [stderr]',
      '         Traceback (most recent call last):',
      '           File "<string>", line 14, in <module>',
      '         RuntimeError: this package cannot be built',
      hint,
    ],
    told: 'broken-1.0.tar.gz could not be built: RuntimeError: this package cannot be built.',
  },
  {
    what: 'a build that wants a compiler',
    said: [
      'error: Failed to build `cee==1.0`',
      '  cause: The build backend returned an error',
      '         [stderr]',
      "         error: [Errno 2] No such file or directory: 'x86_64-linux-gnu-gcc'",
      hint,
    ],
    told:
      "cee==1.0 could not be built: error: [Errno 2] No such file or directory: 'x86_64-linux-gnu-gcc'. " +
      'There is no compiler in environments: ask for a version that comes as a wheel.',
  },
  {
    what: 'an index that does not answer',
    said: [
      using,
      'error: Request failed after 3 retries in 9.3s',
      '  cause: Failed to fetch: http://127.0.0.1:9/simple/toolz/',
      '  cause: error sending request for url (http://127.0.0.1:9/simple/toolz/)',
      '  cause: client error (Connect)',
      '  cause: Connection refused (os error 111)',
    ],
    told: 'http://127.0.0.1:9 does not answer: Connection refused (os error 111).',
  },
  {
    what: 'a Git server that does not answer',
    said: [
      'error: Git operation failed',
      '  cause: failed to clone into: /cache/uv/git-v2/db/6593f8e593297978',
      "  cause: process didn't exit successfully: `/usr/bin/git fetch` (exit status: 128)",
      '         --- stderr',
      "         fatal: unable to access 'https://git.example.org/a.git/': Could not resolve host: git.example.org",
    ],
    told: "Git could not get it: unable to access 'https://git.example.org/a.git/': Could not resolve host: git.example.org.",
  },
  {
    what: 'a wheel that is none',
    said: [
      'error: Failed to read `a.whl`',
      '  cause: Failed to read from zip file',
      '  cause: unable to locate the end of central directory record',
    ],
    told: 'Failed to read `a.whl`: Failed to read from zip file: unable to locate the end of central directory record',
  },
  { what: 'a program that says no more than that', said: ['one', 'two', '', hint], told: 'two' },
];

describe('the complaint of a build', () => {
  for (const { what, said, told } of complaints) {
    it(`about ${what} is told in one line`, () => assert.equal(complaint(said), told));
  }

  it('is none where nothing was said', () => assert.equal(complaint([]), undefined));
});
