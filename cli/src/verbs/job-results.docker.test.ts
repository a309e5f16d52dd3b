import assert from 'node:assert/strict';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startCommandLine } from '../command-line.fixture.ts';
import type { TestCommandLine } from '../command-line.fixture.ts';

const docker = process.env['DOCKER_HOST']?.replace('unix://', '') ?? '/var/run/docker.sock';

describe('bine job results', { timeout: 600_000 }, () => {
  let commandLine: TestCommandLine;
  let folder: string;
  const at = (path: string) => join(folder, path);
  before(async () => {
    commandLine = await startCommandLine(docker);
    ({ folder } = commandLine);
    await bine('project', 'create', 'churn');
    await writeFile(at('data.csv'), '1\n');
    const program = `open('data.csv', 'a').write('2\\n')\nopen('model.txt', 'w').write('42')\n`;
    await writeFile(at('train.py'), program);
    const ran = await bine('job', 'run', at('train.py'), '-p', 'churn', '--env', 'python-inference', '--wait');
    assert.equal(ran.code, 0, ran.err);
  });
  after(() => commandLine[Symbol.asyncDispose]());

  const bine = (...words: string[]) => commandLine.bine(...words);
  const results = (...more: string[]) => bine('job', 'results', 'train', '-p', 'churn', ...more);

  it('brings back what a job wrote into its folder, and never over what was changed here since', async () => {
    const listed = await results();
    assert.match(listed.out, /data\.csv .*changed in its folder[\s\S]*model\.txt .*new in its folder/);

    await appendFile(at('data.csv'), 'mine\n');
    const first = await results('--into', folder, '--json');
    assert.deepEqual([first.code, JSON.parse(first.out)], [1, { saved: ['model.txt'], changed: ['data.csv'], same: [] }]);
    assert.match(first.err, /Not saved, because they were changed here since: data\.csv\. Save over them with --overwrite\./);
    assert.deepEqual([await readFile(at('data.csv'), 'utf8'), await readFile(at('model.txt'), 'utf8')], ['1\nmine\n', '42']);

    const second = await results('--into', folder, '--overwrite', '--json');
    assert.deepEqual([second.code, JSON.parse(second.out)], [0, { saved: ['data.csv'], changed: [], same: ['model.txt'] }]);
    assert.equal(await readFile(at('data.csv'), 'utf8'), '1\n2\n');
  });
});
