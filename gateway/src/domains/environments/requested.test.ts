import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Problem } from '@bine/shared/problems';
import { readRequested } from './requested.ts';
import type { Requested } from './requested.ts';

const nothing: Requested = { install: [], wheels: [], uninstall: [] };

describe('what is asked to be installed', () => {
  for (const requirement of [
    'seaborn',
    'seaborn==0.13.2',
    'ray[tune]>=2.9,<3',
    'numpy; python_version < "3.13"',
    'pkg @ git+https://host.example/one/two.git@v1.2',
    'git+https://host.example/one/two@main#subdirectory=python',
    'https://host.example/files/pkg-1.0-py3-none-any.whl',
  ]) {
    it(`may be ${requirement}`, () => assert.deepEqual(readRequested({ ...nothing, install: [requirement] }), [requirement]));
  }

  for (const [requirement, complaint] of [
    ['--index-url=https://host.example', /is an option/],
    ['-e .', /is an option/],
    ['./local', /is a path/],
    ['/etc', /is a path/],
    ['wheels/a.whl', /is a path/],
    ['file:///etc/passwd', /must be a URL that begins with https/],
    ['git+ssh://git@host.example/one', /must be a URL that begins with https/],
    ['pkg @ file:///x', /must be a URL that begins with https/],
    ['a\nb', /control character/],
  ] as const) {
    it(`may not be ${JSON.stringify(requirement)}`, () => {
      assert.throws(() => readRequested({ ...nothing, install: [requirement] }), { code: 'invalid', message: complaint });
    });
  }

  it('may not hold a password, and the complaint does not repeat it', () => {
    const install = ['git+https://me:hunter2@host.example/one'];
    assert.throws(
      () => readRequested({ ...nothing, install }),
      (error: Problem) => error.code === 'invalid' && /password/.test(error.message) && !/hunter2/.test(error.message),
    );
  });

  it('may be a requirements file with comments, continued lines and hashes', () => {
    const requirements = '# all of it\nseaborn==0.13.2 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n\npolars # fast\n';
    assert.deepEqual(readRequested({ ...nothing, requirements }), ['seaborn==0.13.2     --hash=sha256:00     --hash=sha256:11', 'polars']);
  });

  it('may not be a requirements file with options, and the complaint names the line', () => {
    const requirements = 'seaborn\n--index-url https://host.example\n';
    assert.throws(() => readRequested({ ...nothing, requirements }), { code: 'invalid', message: /line 2: "--index-url .*" is an option/ });
  });

  for (const line of ['-r r.txt', '-rr.txt', '--requirement=r.txt', '--requirements r.txt', '-c c.txt', '--constraint c.txt']) {
    it(`may not name another file, which nobody reads, and the complaint names the line and what to do: ${line}`, () => {
      const message = `requirements: line 3: "${line}" names another file, which is not read: put the lines of that file in its place`;
      assert.throws(() => readRequested({ ...nothing, requirements: `# all\nseaborn\n  ${line}  # more\n` }), { code: 'invalid', message });
      assert.throws(() => readRequested({ ...nothing, install: [line] }), {
        code: 'invalid',
        message: /^install\.0: .* names another file/,
      });
    });
  }

  it('may be a wheel of the project, but no other file', () => {
    assert.deepEqual(readRequested({ ...nothing, wheels: ['dist/a-1.0-py3-none-any.whl'] }), ['dist/a-1.0-py3-none-any.whl']);
    assert.throws(() => readRequested({ ...nothing, wheels: ['a.exe'] }), { code: 'invalid', message: /"a\.exe" is no package/ });
  });

  it('may not be two files of one name, wherever they are, since they are put beside each other', () => {
    const wheels = ['old/a-1.0-py3-none-any.whl', 'b-1.0-py3-none-any.whl', 'new/a-1.0-py3-none-any.whl'];
    const message = 'wheels.2: two of them are named "a-1.0-py3-none-any.whl"; name one of them';
    assert.throws(() => readRequested({ ...nothing, wheels }), { code: 'invalid', message });
    assert.deepEqual(readRequested({ ...nothing, wheels: wheels.slice(0, 2) }), wheels.slice(0, 2));
  });

  it('is something, unless something is uninstalled, which has a name', () => {
    assert.throws(() => readRequested(nothing), { code: 'invalid', message: /at least one package/ });
    assert.deepEqual(readRequested({ ...nothing, uninstall: ['seaborn'] }), []);
    assert.throws(() => readRequested({ ...nothing, uninstall: ['seaborn==1'] }), {
      code: 'invalid',
      message: /"seaborn==1" is no package's name/,
    });
  });
});
