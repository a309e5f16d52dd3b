import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { appendFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { Problem } from '@bine/shared/problems';
import { hiddenName } from './descriptors.ts';
import { createFlood } from './flood.ts';
import { makeProject } from './project.fixture.ts';
import type { TestProject } from './project.fixture.ts';
import { watchTree } from './watch-tree.ts';
import type { TreeChange } from '../../ports/file-changes.ts';

const never = new AbortController().signal;
const show = ({ type, names }: TreeChange) => `${type} ${names.join('/')}`;

/** Follows a folder, and resolves once what is expected has been said, in any order. */
async function follow(files: string, flood = createFlood()) {
  const said = new Set<string>();
  const all: string[] = [];
  const ended: unknown[] = [];
  let look = () => undefined as void;
  const say = (...words: string[]) => {
    all.push(...words);
    for (const word of words) said.add(word);
    look();
  };
  const tree = watchTree(files, flood, {
    changes: (changes) => say(...changes.map(show)),
    missed: () => say('missed'),
    ended(why) {
      ended.push(why);
      say('ended');
    },
  });
  await tree.ready;
  return {
    /** What was said and not yet heard. */
    said,
    /** Every word, in order. */
    all,
    ended,
    async hears(...expected: string[]): Promise<void> {
      await new Promise<void>((resolve) => {
        look = () => {
          if (expected.every((word) => said.has(word))) resolve();
        };
        look();
      });
      for (const word of expected) said.delete(word);
    },
    [Symbol.asyncDispose]: () => tree[Symbol.asyncDispose](),
  };
}

describe('a watch', () => {
  let project: TestProject;
  const at = (path: string) => join(project.files, path);
  beforeEach(async () => {
    project = await makeProject();
  });
  afterEach(() => project[Symbol.asyncDispose]());

  it('sees what another process makes, changes, moves and deletes', async () => {
    await project.make({ 'old/a.txt': '1' });
    await using watch = await follow(project.files);
    execFileSync('sh', ['-c', 'echo 1 > new.txt; echo 2 >> old/a.txt'], { cwd: project.files });
    await watch.hears('created new.txt', 'changed old/a.txt');
    execFileSync('mv', ['new.txt', 'old/moved.txt'], { cwd: project.files });
    await watch.hears('deleted new.txt', 'created old/moved.txt');
    execFileSync('rm', ['-r', 'old'], { cwd: project.files });
    await watch.hears('deleted old');
  });

  it('sees what is in folders as they appear, however fast they are filled', async () => {
    await using watch = await follow(project.files);
    execFileSync('sh', ['-c', 'mkdir -p a/b/c && echo 1 > a/b/c/d.txt'], { cwd: project.files });
    await watch.hears('created a', 'created a/b', 'created a/b/c', 'created a/b/c/d.txt');
    await appendFile(at('a/b/c/d.txt'), 'more');
    await watch.hears('changed a/b/c/d.txt');
  });

  it('goes on in a folder under its new name', async () => {
    await project.make({ 'a/b/c.txt': '1' });
    await using watch = await follow(project.files);
    await rename(at('a'), at('z'));
    await watch.hears('deleted a', 'created z', 'created z/b', 'created z/b/c.txt');
    await appendFile(at('z/b/c.txt'), '2');
    await watch.hears('changed z/b/c.txt');
    assert.deepEqual([...watch.said], []);
  });

  it('sees a folder that was deleted and made again as another one', async () => {
    await project.make({ 'a/x': '1' });
    await using watch = await follow(project.files);
    await rename(at('a'), join(project.bin, '..', 'gone'));
    await project.make({ 'a/y': '2' });
    await watch.hears('deleted a', 'created a', 'created a/y');
    await appendFile(at('a/y'), '3');
    await watch.hears('changed a/y');
  });

  it('calls a file that is saved by replacing it changed', async () => {
    await project.make({ a: '1', 'a.tmp': '2' });
    await using watch = await follow(project.files);
    await rename(at('a.tmp'), at('a'));
    await watch.hears('changed a', 'deleted a.tmp');
    assert.deepEqual([...watch.said], []);
  });

  it('says many writes to a file once, and nothing of a file that came and went', async () => {
    await project.make({ log: '' });
    await using watch = await follow(project.files);
    for (let line = 0; line < 500; line++) appendFileSync(at('log'), `${line}\n`);
    writeFileSync(at('brief'), '');
    unlinkSync(at('brief'));
    await watch.hears('changed log');
    await writeFile(at('end'), '');
    await watch.hears('created end');
    assert.deepEqual(watch.all, ['changed log', 'created end']);
  });

  it('follows no link, and says nothing of what the gateway has in hand', async () => {
    await mkdir(join(project.bin, '..', 'outside'));
    await symlink('../outside', at('link'));
    await using watch = await follow(project.files);
    await writeFile(join(project.bin, '..', 'outside', 'seen'), '');
    await writeFile(at(hiddenName()), '');
    const body = (async function* () {
      yield Buffer.from('whole');
    })();
    await project.folder.write(['doc'], { body, accept: () => undefined, signal: never });
    await watch.hears('created doc');
    assert.deepEqual(
      [...watch.said].filter((word) => word !== 'changed doc'),
      [],
    );
  });

  it('says that something may be missed when more happens at once than the kernel keeps', async () => {
    await using watch = await follow(project.files, createFlood(50));
    // The gateway is busy meanwhile, and then finds all of it in the queue.
    execFileSync('sh', ['-c', 'for i in $(seq 400); do : > f$i; done; mkdir late; : > late/file'], { cwd: project.files });
    await watch.hears('missed');
    await writeFile(at('late/after'), '');
    await watch.hears('created late/after');
  });

  it('ends when the folder itself is gone', async () => {
    await using watch = await follow(project.files);
    await rm(project.files, { recursive: true });
    await watch.hears('ended');
    assert.ok(watch.ended[0] instanceof Problem && watch.ended[0].code === 'not-found');
    await mkdir(project.files);
  });

  it('cannot begin where there is no folder', async () => {
    await assert.rejects(follow(join(project.files, 'none')), (error) => error instanceof Problem && error.code === 'not-found');
  });
});
