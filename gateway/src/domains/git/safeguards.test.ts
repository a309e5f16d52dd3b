/** What would silently commit something else than is meant is refused; what was begun in a terminal can be ended here. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import { parseMarkers } from '../../adapters/git/operations/commits.ts';
import { startWorld } from './world.fixture.ts';

const at = { project: 'p', repository: 'demo' };
const never = new AbortController().signal;
const commit = { ...at, message: 'm', amend: false, all: false };

async function startRepository(t: TestContext) {
  const world = await startWorld(t);
  await world.write('demo/f.txt', 'base\n');
  const shell = (script: string) => world.shell(script, 'demo');
  await shell('git init -q -b main . && git add . && git commit -qm base');
  return { ...world, shell };
}

/** `main` and `other` change the same line, `other` in several commits. */
const diverge = `
git checkout -qb other; echo theirs > f.txt; git commit -qam theirs; echo again > f.txt; git commit -qam again; echo more > g.txt; git add .; git commit -qm more
git checkout -q main; echo ours > f.txt; git commit -qam ours`;

const stages = {
  merge: 'git merge -q other || true',
  rebase: 'git checkout -q other; git rebase -q main || true',
  'rebase by patches': 'git checkout -q other; git rebase -q --apply main || true',
  'cherry-pick': 'git cherry-pick other~2 other~1 other || true',
  revert: 'git checkout -q other; git revert --no-edit HEAD~2 || true',
  am: 'git format-patch -q --stdout main..other > ../patches; git am -q ../patches || true',
} as const;

describe('what stopped in a terminal', { timeout: 120_000 }, () => {
  for (const [name, script] of Object.entries(stages)) {
    const underway = name.split(' ')[0];
    it(`goes on to its end: ${name}`, async (t) => {
      const { git, shell, write, ann } = await startRepository(t);
      await shell(`${diverge}\n${script}`);
      let status = await git.status(at, never);
      assert.equal(status.underway, underway);
      if (name !== 'am') await assert.rejects(git.continue(at, ann), { code: 'conflict', message: /"f\.txt" is still in conflict/ });
      for (let round = 0; status.underway !== null; round++) {
        assert.ok(round < 6, 'it goes on to its end');
        await write('demo/f.txt', `solved ${round}\n`);
        await git.stage({ ...at, paths: ['f.txt'] }, ann);
        status = await git.continue(at, ann);
      }
      assert.deepEqual([status.conflicts, status.staged, status.changes], [[], [], []]);
      assert.match(await shell('git log --format=%cn -1'), /Ann/);
    });

    it(`can be aborted: ${name}`, async (t) => {
      const { git, shell, ann } = await startRepository(t);
      await shell(`${diverge}\n${script}`);
      const status = await git.abort(at, ann);
      assert.deepEqual([status.underway, status.conflicts], [null, []]);
    });
  }

  for (const name of ['rebase', 'cherry-pick', 'am'] as const) {
    it(`can skip what is in conflict: ${name}`, async (t) => {
      const { git, shell, ann } = await startRepository(t);
      await shell(`${diverge}\n${stages[name]}`);
      let status = await git.skip(at, ann);
      for (let round = 0; status.underway !== null && round < 6; round++) status = await git.skip(at, ann);
      assert.equal(status.underway, null);
      assert.equal(await shell('cat f.txt g.txt'), 'ours\nmore\n');
    });
  }

  const driven = (file: string) => `echo '${file} merge=nbdime' > .gitattributes; git add .; git commit -qm attributes`;
  const notice = /^"f\.txt": merged as text, since the merge driver "nbdime" of \.gitattributes does not run here\. Look at the result\.$/;

  for (const name of ['merge', 'rebase', 'rebase by patches', 'cherry-pick', 'revert'] as const) {
    it(`says of what both sides changed that its merge driver did not run, and of nothing else: ${name}`, async (t) => {
      for (const [file, said] of [
        ['f.txt', notice],
        ['g.txt', /^none$/],
      ] as const) {
        const { git, shell, write, ann } = await startRepository(t);
        await shell(`${driven(file)}\n${diverge}\n${stages[name]}`);
        await write('demo/f.txt', 'solved\n');
        await git.stage({ ...at, paths: ['f.txt'] }, ann);
        assert.match((await git.continue(at, ann)).notice ?? 'none', said);
      }
    });
  }

  for (const name of ['rebase', 'cherry-pick'] as const) {
    it(`says so of the next step, too, when one is skipped: ${name}`, async (t) => {
      const { git, shell, ann } = await startRepository(t);
      await shell(`${driven('f.txt')}\n${diverge}\n${stages[name]}`);
      const status = await git.skip(at, ann);
      assert.equal(status.underway, name);
      assert.match(status.notice ?? '', notice);
      assert.equal((await git.status(at, never)).notice, null);
    });
  }

  it('goes on also when the commit was made by hand in between', async (t) => {
    const { git, shell, write, ann } = await startRepository(t);
    await shell(`${diverge}\n${stages['cherry-pick']}`);
    await write('demo/f.txt', 'by hand\n');
    await git.stage({ ...at, paths: ['f.txt'] }, ann);
    await git.commit(commit, ann);
    const status = await git.status(at, never);
    assert.equal(status.underway, 'cherry-pick');
    const next = await git.continue(at, ann);
    assert.deepEqual([next.underway, next.conflicts.length], ['cherry-pick', 1]);
  });

  it('says that a step which changes nothing can be skipped', async (t) => {
    const { git, shell, write, ann } = await startRepository(t);
    await shell(`${diverge}\n${stages['cherry-pick']}`);
    await write('demo/f.txt', 'ours\n');
    await git.stage({ ...at, paths: ['f.txt'] }, ann);
    await assert.rejects(git.continue(at, ann), { code: 'conflict', message: /changes nothing.*Skip it/ });
  });

  it('is said to be nothing, where nothing is, and what a merge and a bisection need instead', async (t) => {
    const { git, shell, ann } = await startRepository(t);
    await assert.rejects(git.continue(at, ann), { code: 'conflict', message: /Nothing is under way/ });
    await shell(`${diverge}\ngit bisect start -q; git bisect bad; git bisect good HEAD~1 >/dev/null || true`);
    assert.equal((await git.status(at, never)).underway, 'bisect');
    await assert.rejects(git.continue(at, ann), { message: /git bisect good/ });
    await git.abort(at, ann);
    await shell(stages.merge);
    await assert.rejects(git.skip(at, ann), { message: /Abort it instead/ });
  });
});

describe('the marks of a conflict', { timeout: 60_000 }, () => {
  it('are not committed unless that is said, in a merge', async (t) => {
    const { git, shell, ann } = await startRepository(t);
    await shell(`${diverge}\n${stages.merge}`);
    await assert.rejects(git.commit({ ...commit, all: true }, ann), { code: 'conflict-markers', message: /"f\.txt" \(line 1\)/ });
    await assert.rejects(git.continue(at, ann), { code: 'conflict-markers' });
    assert.equal(await shell('git log --format=%s -1'), 'ours\n');
    await git.commit({ ...commit, allowConflictMarkers: true }, ann);
    assert.match(await shell('git show HEAD:f.txt'), /<<<<<<< HEAD/);
  });

  it('are not committed later, when the merge is forgotten', async (t) => {
    const { git, write, ann } = await startRepository(t);
    await write('demo/train.py', 'x = 1\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n');
    await assert.rejects(git.commit({ ...commit, all: true }, ann), { code: 'conflict-markers', message: /"train\.py" \(line 2\)/ });
  });

  it('may stand in documentation, headings may be underlined, and what was there before stays', async (t) => {
    const { git, shell, write, ann } = await startRepository(t);
    await write('demo/docs.md', '<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n');
    await write('demo/heading.py', '"""\nHeading\n=======\n>>>>>>> not\n"""\n');
    await write('demo/old.py', '<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n');
    await shell('git add old.py && git commit -qm old && echo more >> old.py');
    await git.commit({ ...commit, all: true }, ann);
    assert.equal(await shell('git log --format=%s -1'), 'm\n');
  });

  it('are found in patches of several files, with the line of the first', () => {
    const patch = [
      'diff --git a/a b/a',
      '--- a/a',
      '+++ b/a',
      '@@ -1 +1,2 @@',
      '-x',
      '+<<<<<<< HEAD',
      '+=======',
      'diff --git a/b c.py b/b c.py',
      '--- /dev/null',
      '+++ b/b c.py\t',
      '@@ -0,0 +7,5 @@',
      '+<<<<<<< ours\r',
      '+||||||| base',
      '+=======\r',
      '+x',
      '+>>>>>>> theirs\r',
    ];
    assert.deepEqual(parseMarkers(patch.join('\n')), [{ path: 'b c.py', line: 7 }]);
  });
});

describe('a file that a filter is to change', { timeout: 60_000 }, () => {
  const refused = { code: 'conflict', message: /"big\.bin": \.gitattributes wants the filter "lfs".*raw content/ };

  it('is not staged without it, whether the repository, the user or nobody has set the filter up', async (t) => {
    const { git, shell, write, ann } = await startRepository(t);
    await write('demo/.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
    await write('demo/big.bin', 'x'.repeat(300_000));
    await write('demo/other.py', 'y\n');
    await assert.rejects(git.stage({ ...at, paths: ['big.bin'] }, ann), refused);
    await shell('git config filter.lfs.required true; git config filter.lfs.clean "git-lfs clean -- %f"');
    for (const paths of [['big.bin'], [''], ['other.py', 'big.bin']]) await assert.rejects(git.stage({ ...at, paths }, ann), refused);
    await assert.rejects(git.commit({ ...commit, all: true }, ann), refused);
    assert.deepEqual((await git.status(at, never)).staged, []);
    await git.stage({ ...at, paths: ['other.py', '.gitattributes'] }, ann);
    assert.equal((await git.commit(commit, ann)).subject, 'm');
  });

  it('in a folder, by a name with blanks, by another filter, is found as well', async (t) => {
    const { git, write, ann } = await startRepository(t);
    await write('demo/.gitattributes', '*.ipynb filter=nbstripout\nplain.ipynb -filter\n');
    await write('demo/deep/a b.ipynb', '{}');
    await write('demo/plain.ipynb', '{}');
    await assert.rejects(git.stage({ ...at, paths: ['deep'] }, ann), {
      message: /"deep\/a b\.ipynb".*where the filter "nbstripout" is installed/,
    });
    await git.stage({ ...at, paths: ['plain.ipynb'] }, ann);
  });
});
