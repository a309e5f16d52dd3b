import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { apiPrefix } from '@bine/shared';
import { startCommandLine } from '../command-line.fixture.ts';
import type { TestCommandLine } from '../command-line.fixture.ts';

describe('bine cp', { timeout: 120_000 }, () => {
  let commandLine: TestCommandLine;
  let folder: string;
  before(async () => {
    commandLine = await startCommandLine();
    ({ folder } = commandLine);
    await bine('project', 'create', 'churn');
  });
  after(() => commandLine[Symbol.asyncDispose]());

  const bine = (...words: string[]) => commandLine.bine(...words);

  it('takes what can be copied, with the bit that makes a program, and names the rest', async () => {
    execFileSync(
      'sh',
      [
        '-ec',
        'mkdir -p odd/deep; cd odd; mkfifo pipe; ln -s nowhere dangling; ln -s . loop; printf hi > plain; printf x > run.sh; chmod 755 run.sh; printf y > deep/z; ln -s deep also',
      ],
      {
        cwd: folder,
      },
    );
    for (const name of ['Icon\r', 'back\\slash', 'new\nline']) await writeFile(join(folder, 'odd', name), '');
    const up = await bine('cp', join(folder, 'odd'), 'churn:');
    assert.equal(up.code, 0, up.err);
    assert.match(up.err, /4 files/);
    for (const said of [
      /pipes, sockets and devices: .*pipe/,
      /lead nowhere: .*dangling/,
      /around themselves: .*loop/,
      /Left out \(3\), because of names/,
    ])
      assert.match(up.err, said);
    const down = await bine('cp', 'churn:odd', join(folder, 'back'));
    assert.equal(down.code, 0, down.err);
    assert.deepEqual((await readdir(join(folder, 'back'))).sort(), ['also', 'deep', 'plain', 'run.sh']);
    assert.equal(await readFile(join(folder, 'back', 'also', 'z'), 'utf8'), 'y');
    assert.equal((await stat(join(folder, 'back', 'run.sh'))).mode & 0o111, 0o111 & ~process.umask());
    assert.equal((await stat(join(folder, 'back', 'plain'))).mode & 0o111, 0);
  });

  it('brings a file whose name is as long as names may be, and one that is named like a part of another', async () => {
    const names = ['n'.repeat(255), 'a', 'a.bine-part'].toSorted();
    const client = await commandLine.gateway.connect(commandLine.gateway.key);
    await client.files.mkdir({ project: 'churn', path: 'long' });
    const { gateway } = commandLine;
    for (const name of names) {
      const content = `${apiPrefix}/projects/churn/files/content?path=long/${name}`;
      assert.equal((await gateway.fetch(content, { key: gateway.key, method: 'PUT', body: name })).status, 200);
    }
    const down = await bine('cp', 'churn:long', join(folder, 'long'));
    assert.equal(down.code, 0, down.err);
    assert.deepEqual((await readdir(join(folder, 'long'))).toSorted(), names);
    for (const name of names) assert.equal(await readFile(join(folder, 'long', name), 'utf8'), name);
  });

  it('changes the bit of a file that is replaced', async () => {
    await writeFile(join(folder, 'tool'), 'a', { mode: 0o755 });
    await bine('cp', join(folder, 'tool'), 'churn:tool');
    await rm(join(folder, 'tool'));
    await writeFile(join(folder, 'tool'), 'b', { mode: 0o644 });
    await bine('cp', join(folder, 'tool'), 'churn:tool');
    await bine('cp', 'churn:tool', join(folder, 'again'));
    assert.equal((await stat(join(folder, 'again'))).mode & 0o111, 0);
  });

  it('copies a folder that a link leads to, and refuses a pipe by itself at once', async () => {
    execFileSync('sh', ['-ec', 'mkdir real; printf 1 > real/a; mkfifo alone'], { cwd: folder });
    await symlink('real', join(folder, 'link'));
    const linked = await bine('cp', join(folder, 'link'), 'churn:');
    assert.equal(linked.code, 0, linked.err);
    const pipe = await bine('cp', join(folder, 'alone'), 'churn:');
    assert.notEqual(pipe.code, 0);
    assert.match(pipe.err, /is a pipe, socket or device/);
  });

  it('says why it left out what cannot be read', async () => {
    execFileSync('sh', ['-ec', 'mkdir circle; printf 1 > circle/a; ln -s self circle/self'], { cwd: folder });
    const up = await bine('cp', join(folder, 'circle'), 'churn:');
    assert.equal(up.code, 0, up.err);
    assert.match(up.err, /because they cannot be read \(too many symbolic links encountered\): .*self/);
    execFileSync('ln', ['-s', 'round', 'round'], { cwd: folder });
    const down = await bine('cp', 'churn:circle/a', join(folder, 'round'));
    assert.notEqual(down.code, 0);
    assert.match(down.err, /round cannot be read: too many symbolic links/);
  });
});
