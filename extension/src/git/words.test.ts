import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GitFile, GitStatus } from '@bine/shared';
import { branchText, countOf, distance, groups, inputPlaceholder, markOf, matters, movesRepository, syncText, within } from './words.ts';

const file = (path: string, status: GitFile['status'], from: string | null = null): GitFile => ({ path, status, from });
const clean: GitStatus = {
  branch: 'main',
  head: '0123456789abcdef',
  upstream: 'origin/main',
  ahead: 0,
  behind: 0,
  underway: null,
  message: null,
  notice: null,
  conflicts: [],
  staged: [],
  changes: [],
  untracked: [],
  more: false,
  locked: null,
};
const busyOne: GitStatus = {
  ...clean,
  conflicts: [file('c', 'both-modified')],
  staged: [file('s', 'modified')],
  changes: [file('w', 'deleted'), file('s', 'modified')],
  untracked: [file('u', 'untracked')],
};

describe('the groups of a repository', () => {
  it('are those of the status, in the order of VS Code, and counted', () => {
    assert.deepEqual(
      groups.map(({ label, of }) => [label, of(busyOne).map(({ path }) => path)]),
      [
        ['Merge Changes', ['c']],
        ['Staged Changes', ['s']],
        ['Changes', ['w', 's']],
        ['Untracked Changes', ['u']],
      ],
    );
    assert.equal(countOf(busyOne), 5);
    assert.equal(countOf(clean), 0);
  });

  it('mark their files with the letters and colours of VS Code', () => {
    const cases: [GitFile, Parameters<typeof markOf>[1], string, string, boolean][] = [
      [file('a', 'modified'), 'workingTree', 'M', 'gitDecoration.modifiedResourceForeground', false],
      [file('a', 'modified'), 'index', 'M', 'gitDecoration.stageModifiedResourceForeground', false],
      [file('a', 'deleted'), 'index', 'D', 'gitDecoration.stageDeletedResourceForeground', true],
      [file('a', 'untracked'), 'untracked', 'U', 'gitDecoration.untrackedResourceForeground', false],
      [file('a', 'deleted-by-them'), 'merge', '!', 'gitDecoration.conflictingResourceForeground', false],
    ];
    for (const [each, group, ...expected] of cases) {
      const { letter, color, struck } = markOf(each, group);
      assert.deepEqual([letter, color, struck], expected);
    }
    assert.equal(markOf(file('b', 'renamed', 'a'), 'index').tooltip, 'Renamed from a, staged');
  });
});

describe('the branch in the status bar', () => {
  const cases: [GitStatus, string][] = [
    [clean, '$(git-branch) main'],
    [busyOne, '$(git-branch) main*+!'],
    [{ ...clean, branch: null }, '$(git-commit) 01234567'],
    [{ ...clean, branch: null, head: null }, '$(git-commit) no commit'],
    [{ ...clean, underway: 'merge' }, '$(git-branch) main (merging)'],
  ];
  for (const [status, text] of cases) it(`is "${text}"`, () => assert.equal(branchText(status), text));

  it('is named in the box for the message', () => {
    assert.equal(inputPlaceholder(clean), 'Message (Ctrl+Enter to commit on "main")');
    assert.equal(inputPlaceholder({ ...clean, branch: null }), 'Message (Ctrl+Enter to commit)');
  });
});

describe('ahead and behind in the status bar', () => {
  const cases: [Partial<GitStatus>, string | null, string | null, ReturnType<typeof syncText>][] = [
    [{}, 'https://x/y', null, { title: '$(sync)', tooltip: 'Sync with origin/main', does: 'sync' }],
    [
      { ahead: 1, behind: 2 },
      'https://x/y',
      null,
      { title: '$(sync) 2↓ 1↑', tooltip: 'Sync: pull 2 commits from and push 1 commit to origin/main', does: 'sync' },
    ],
    [{ ahead: 3 }, 'https://x/y', 'Pushing…', { title: '$(sync~spin) 3↑', tooltip: 'Pushing…', does: 'sync' }],
    [
      { upstream: null, ahead: null, behind: null },
      'https://x/y',
      null,
      { title: '$(cloud-upload)', tooltip: 'Publish branch main', does: 'push' },
    ],
    [{ upstream: null }, null, null, null],
    [{ branch: null }, 'https://x/y', null, null],
  ];
  for (const [change, remote, busy, text] of cases) {
    it(`is ${text?.title ?? 'nothing'} for ${JSON.stringify(change)}`, () => {
      assert.deepEqual(syncText({ ...clean, ...change }, remote, busy), text);
    });
  }
  it('are short beside a branch', () => {
    assert.deepEqual([distance({ ahead: 1, behind: 2 }), distance({ ahead: null, behind: null })], ['2↓ 1↑', '']);
  });
});

describe('a change of a file', () => {
  for (const path of [
    'a.py',
    'src/.gitignore',
    '.git',
    '.git/HEAD',
    '.git/index',
    '.git/refs/heads/main',
    '.git/MERGE_HEAD',
    '.github/a',
  ]) {
    it(`of ${path} matters`, () => assert.equal(matters(path), true));
  }
  for (const path of ['.git/objects/12/34', '.git/logs/HEAD', '.git/index.lock']) {
    it(`of ${path} does not`, () => assert.equal(matters(path), false));
  }
  it('is in a folder or elsewhere', () => {
    assert.deepEqual([within('', 'a/b'), within('a', 'a/b'), within('a', 'a'), within('a', 'ab')], ['a/b', 'b', '', null]);
  });
  it('makes or removes a repository', () => {
    const known = ['work/repo'];
    assert.equal(movesRepository({ type: 'created', path: 'new/.git' }, known), true);
    assert.equal(movesRepository({ type: 'created', path: '.git/HEAD' }, known), true);
    assert.equal(movesRepository({ type: 'deleted', path: 'work' }, known), true);
    assert.equal(movesRepository({ type: 'changed', path: 'work/repo/.git/HEAD' }, known), false);
    assert.equal(movesRepository({ type: 'deleted', path: 'work/repo/a.py' }, known), false);
  });
});
