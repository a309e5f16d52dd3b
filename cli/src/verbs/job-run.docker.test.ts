import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startCommandLine } from '../command-line.fixture.ts';
import type { TestCommandLine } from '../command-line.fixture.ts';

const docker = process.env['DOCKER_HOST']?.replace('unix://', '') ?? '/var/run/docker.sock';
const run = promisify(execFile);

describe('bine job run', { timeout: 600_000 }, () => {
  let commandLine: TestCommandLine;
  const at = (path: string) => join(commandLine.folder, path);
  const bine = (...words: string[]) => commandLine.bine('job', 'run', '-p', 'churn', '--env', 'python-inference', ...words);
  before(async () => {
    commandLine = await startCommandLine(docker);
    await commandLine.bine('project', 'create', 'churn');
  });
  after(() => commandLine[Symbol.asyncDispose]());

  it('takes a repository along that is reached through a link, under the names that it has there', async () => {
    await mkdir(at('real/src'), { recursive: true });
    await writeFile(at('real/data.txt'), '42');
    await writeFile(at('real/src/train.py'), `raise SystemExit(open('data.txt').read() != '42')`);
    const who = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org'];
    for (const words of [
      ['init', '-q'],
      ['add', '.'],
      [...who, 'commit', '-q', '-m', 'One'],
    ])
      await run('git', ['-C', at('real'), ...words]);
    const { stdout: commit } = await run('git', ['-C', at('real'), 'rev-parse', 'HEAD']);
    await symlink(at('real'), at('linked'));
    await symlink(at('real/src'), at('source'));
    for (const [index, file] of ['linked/src/train.py', 'source/train.py'].entries()) {
      const ran = await bine(at(file), '--name', `linked-${index}`, '--wait', '--json');
      assert.equal(ran.code, 0, ran.err);
      const { state, inputs } = JSON.parse(ran.out) as { state: string; inputs: { path: string; git: unknown } };
      assert.deepEqual([state, inputs.path, inputs.git], ['succeeded', 'src/train.py', { commit: commit.trim(), dirty: false }]);
    }
  });

  it('refuses parameters for a Python file and arguments for a notebook', async () => {
    await writeFile(at('plain.py'), '');
    await writeFile(at('report.ipynb'), JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [] }));
    const python = await bine(at('plain.py'), '--param', 'month=3');
    assert.notEqual(python.code, 0);
    assert.match(python.err, /"plain\.py" is a Python file, which takes arguments and no parameters \(month\)/);
    const notebook = await bine(at('report.ipynb'), '--', '--epochs', '3');
    assert.notEqual(notebook.code, 0);
    assert.match(notebook.err, /"report\.ipynb" is a notebook, which takes parameters and no arguments \(--epochs 3\)/);
    const small = await bine(at('report.ipynb'), '--param', 'rate=-1e-400');
    assert.notEqual(small.code, 0);
    assert.match(small.err, /--param rate=-1e-400: -1e-400 is closer to 0 than a float can be/);
    const { out } = await commandLine.bine('job', 'ls', '-p', 'churn', '--json');
    assert.doesNotMatch(out, /plain|report/);
  });
});
