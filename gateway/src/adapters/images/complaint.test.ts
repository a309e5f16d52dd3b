import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { complaint } from './complaint.ts';

const using = 'Using Python 3.11.2 environment at: /opt/env';
const unsatisfiable = 'we can conclude that your requirements are unsatisfiable.';
const solution = 'error: No solution found when resolving dependencies';
const hint = 'hint: Build failures usually indicate a problem with the package or the build environment';

/** In uv's own words, as they were heard. */
const complaints: { what: string; said: string[]; told: string | RegExp }[] = [
  {
    what: 'a package that nobody knows',
    said: [using, solution, `  cause: Because humanice was not found in the package registry and you require humanice, ${unsatisfiable}`],
    told: 'The package index has no "humanice". Is that its name?',
  },
  {
    what: 'a package that has another name',
    said: [using, solution, `  cause: Because pil was not found in the package registry and you require pil, ${unsatisfiable}`],
    told: 'The package index has no "pil". Did you mean `pillow`?',
  },
  {
    what: 'wheels for other versions of Python alone',
    said: [
      using,
      solution,
      `  cause: Because torch==1.0.0 has no wheels with a matching Python ABI tag (e.g., \`cp311\`) and you require torch==1.0, ${unsatisfiable}`,
      'hint: You require CPython 3.11 (`cp311`), but we only found wheels for `torch` (v1.0.0) with the following Python ABI tags: `cp37m`',
    ],
    told:
      'torch==1.0.0 has no wheels with a matching Python ABI tag, so it cannot be installed here. ' +
      'You require CPython 3.11 (`cp311`), but we only found wheels for `torch` (v1.0.0) with the following Python ABI tags: `cp37m`.',
  },
  {
    what: 'a build with warnings before its error',
    said: [
      'error: Failed to build `numpy==1.21.0`',
      '  cause: The build backend returned an error',
      '  cause: Call to `setuptools.build_meta.build_wheel` failed (exit status: 1)',
      '         [stderr]',
      '         tools/cythonize.py:69: DeprecationWarning: The distutils package is deprecated and slated for removal in Python 3.12.',
      '         RuntimeError: Broken toolchain: cannot link a simple C program',
      hint,
    ],
    told: /^numpy==1\.21\.0 could not be built: RuntimeError: Broken toolchain: cannot link a simple C program\. There is no compiler/,
  },
  {
    what: 'a package that another one has replaced',
    said: [
      'error: Failed to build `tensorflow-gpu==2.12.0`',
      '  cause: The build backend returned an error',
      '         packaging.requirements.InvalidRequirement: Expected semicolon (after name with no version specifier) or end',
      '             python_version>"3.7"',
      hint,
    ],
    told: /^tensorflow-gpu==2\.12\.0 could not be built: .*Did you mean `tensorflow`\?$/,
  },
  {
    what: 'an operator that there is not, from a uv that says "Caused by:"',
    said: [
      'error: Failed to parse: `pandas=>2`',
      '  Caused by: no such comparison operator "=>", must be one of ~= == !=',
      'pandas=>2',
      '      ^^^',
    ],
    told: 'Failed to parse: `pandas=>2`: no such comparison operator "=>", must be one of ~= == !=',
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
  {
    what: 'pg_config',
    said: [
      'error: Failed to build `psycopg2==2.9.9`',
      '  cause: The build backend returned an error',
      '  cause: Call to `setuptools.build_meta:__legacy__.build_wheel` failed (exit status: 1)',
      '         [stderr]',
      '         Error: pg_config executable not found.',
      '         Please add the directory containing pg_config to the $PATH',
      '         or with the option:',
      '         or via the Python package index',
      '         <https://www.psycopg.org/docs/install.html>).',
      hint,
    ],
    told:
      "psycopg2==2.9.9 could not be built: pg_config is missing, which comes with PostgreSQL's development files; " +
      'psycopg2-binary comes with all of it. Ask for a version that comes as a wheel.',
  },
  {
    what: 'a deprecated name with a hint',
    said: [
      'error: Failed to build `sklearn==0.0.post12`',
      '  cause: Call to `setuptools.build_meta:__legacy__.get_requires_for_build_wheel` failed (exit status: 1)',
      '         [stderr]',
      "         The 'sklearn' PyPI package is deprecated, use 'scikit-learn'",
      "         rather than 'sklearn' for pip commands.",
      '         - as a last resort, set the environment variable',
      '         https://github.com/scikit-learn/sklearn-pypi-package',
      'hint: `sklearn` is often confused for `scikit-learn` Did you mean to install',
      '      `scikit-learn` instead?',
    ],
    told:
      "sklearn==0.0.post12 could not be built: The 'sklearn' PyPI package is deprecated, use 'scikit-learn'. " +
      'Did you mean to install `scikit-learn` instead.',
  },
  {
    what: 'a deprecated name that says what to use',
    said: [
      'error: Failed to build `tensorflow-gpu==2.12.0`',
      '  cause: The build backend returned an error',
      '         [stderr]',
      '         Traceback (most recent call last):',
      '           File "<string>", line 1, in <module>',
      '             python_version>"3.7"',
      '                           ^',
      '         packaging.requirements.InvalidRequirement: Expected end or semicolon',
      '             ^',
    ],
    told: 'tensorflow-gpu==2.12.0 could not be built: packaging.requirements.InvalidRequirement: Expected end or semicolon. Did you mean `tensorflow`?',
  },
  ...(
    [
      ['Python.h', 'src/a.c:1:10: fatal error: Python.h: No such file or directory', /Python\.h is missing/],
      ['another header', 'a.c:3:10: fatal error: libxml/xpath.h: No such file or directory', /the header libxml\/xpath\.h is missing/],
      ['Rust', "error: can't find Rust compiler", /needs Rust/],
      ['cargo', "FileNotFoundError: [Errno 2] No such file or directory: 'cargo'", /needs Rust/],
      ['cmake', "FileNotFoundError: [Errno 2] No such file or directory: 'cmake'", /needs cmake/],
      ['CUDA', 'OSError: CUDA_HOME environment variable is not set. Please set it', /CUDA toolkit/],
      ['Fortran', "../meson.build:1:0: ERROR: Unknown compiler(s): [['gfortran'], ['flang']]", /Fortran compiler/],
      ['pkg-config', '/bin/sh: 1: pkg-config: not found', /needs pkg-config/],
      ['MySQL', 'Exception: Can not find valid pkg-config name.', /MySQL/],
      ['a full disk', 'OSError: [Errno 28] No space left on device', /^The disk is full/],
    ] as const
  ).map(([what, line, told]) => ({
    what: `a build that lacks ${what}`,
    said: [
      'error: Failed to build `thing==1.0`',
      '  cause: The build backend returned an error',
      `         ${line}`,
      '         see https://example.org',
      '             ^',
      hint,
    ],
    told,
  })),
  {
    what: 'a Python that is too old',
    said: [
      using,
      solution,
      '  cause: Because the current Python version (3.11.2) does not satisfy Python>=3.12 and numpy==2.5.0 depends on Python>=3.12, we can conclude that numpy==2.5.0 cannot be used.',
      '         And because you require numpy==2.5.0, we can conclude that your requirements are unsatisfiable.',
    ],
    told: 'numpy==2.5.0 needs Python >=3.12, and the environment has 3.11.2.',
  },
  {
    what: 'a hash that does not fit',
    said: [
      'error: Failed to download `idna==3.10`',
      '  cause: Hash mismatch for `idna==3.10`',
      '         Expected:',
      '           sha256:aa',
      '         Computed:',
      '           sha256:bb',
    ],
    told: /^idna==3\.10 is not what its hash says/,
  },
  {
    what: 'a bar and colours',
    said: ['\u001B[31mbroken\u001B[0m \u001B]8;;https://x\u0007here\u001B]8;;\u0007', '\r10%\r', '   ^', 'https://example.org/x'],
    told: /^(10%|broken here)$/,
  },
  { what: 'a program that says no more than that', said: ['one', 'two', '', hint], told: 'two' },
];

describe('the complaint of a build', () => {
  for (const { what, said, told } of complaints) {
    it(`about ${what} is told in one line`, () => {
      const text = complaint(said);
      if (typeof told === 'string') assert.equal(text, told);
      else assert.match(text!, told);
      assert.ok(!text!.includes('\n') && !text!.includes('\u001B'));
    });
  }

  it('is none where nothing was said', () => assert.equal(complaint([]), undefined));
});
