import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { answer } from './askpass.ts';
import { failureOf } from './failures.ts';
import { parseSettings } from './local.ts';
import { parseBranches } from './operations/branches.ts';
import { parseLog } from './operations/commits.ts';
import { remotesIn, upstreamIn } from './operations/remotes.ts';
import { parseStatus } from './operations/status.ts';
import { progressReader } from './progress.ts';
import type { Progress } from '../../ports/git/transfers.ts';
import { harmlessConfiguration } from './configuration.ts';
import { parseAdvertised } from './transfer.ts';

const hash = '0123456789abcdef0123456789abcdef01234567';
const modes = `N... 100644 100644 100644 ${hash} ${hash}`;

describe('the status of a repository', () => {
  it('is read with names of any kind, both names of what was renamed, and conflicts', () => {
    const entries = [
      `# branch.oid ${hash}`,
      '# branch.head main',
      '# branch.upstream origin/main',
      '# branch.ab +2 -1',
      `1 MM ${modes} both ways.txt`,
      `2 R. ${modes} R100 new\nname.txt`,
      'old name.txt',
      `u AA N... 100644 100644 100644 100644 ${hash} ${hash} ${hash} in conflict.txt`,
      '? new.txt',
      '? nested/',
    ];
    const tree = parseStatus({ text: `${entries.join('\0')}\0`, cut: false });
    assert.deepEqual([tree.branch, tree.head, tree.upstream, tree.ahead, tree.behind], ['main', hash, 'origin/main', 2, 1]);
    assert.deepEqual(tree.staged, [
      { path: 'both ways.txt', status: 'modified', from: null },
      { path: 'new\nname.txt', status: 'renamed', from: 'old name.txt' },
    ]);
    assert.deepEqual(tree.changes, [{ path: 'both ways.txt', status: 'modified', from: null }]);
    assert.deepEqual(tree.conflicts, [{ path: 'in conflict.txt', status: 'both-added', from: null }]);
    assert.deepEqual(
      tree.untracked.map(({ path }) => path),
      ['new.txt', 'nested'],
    );
    assert.deepEqual(tree.nested, ['nested']);
  });

  it('before the first commit, without a branch, and cut off in the middle of a name', () => {
    const text = '# branch.oid (initial)\0# branch.head (detached)\0? whole\0? hal';
    const { head, branch, untracked, more } = parseStatus({ text, cut: true });
    assert.deepEqual([head, branch, untracked.length, more], [null, null, 1, true]);
  });

  it('lists no more than 10,000 files, and says so', () => {
    const { untracked, more } = parseStatus({ text: '? x\0'.repeat(20_000), cut: false });
    assert.deepEqual([untracked.length, more], [10_000, true]);
  });
});

describe('commits and references', () => {
  it('are read with bodies of several lines, and times that no date can say', () => {
    const text = `${[hash, `${hash} ${hash}`, 'Ann', 'a@b', '99999999999999999', 'HEAD -> main, tag: v1, origin/main', 'Subject', 'one\n\ntwo\n'].join('\0')}\0\n`;
    const [commit] = parseLog({ text: text + text });
    assert.deepEqual([commit?.parents.length, commit?.refs, commit?.body], [2, ['main', 'v1', 'origin/main'], 'one\n\ntwo']);
    assert.equal(commit?.time, '9999-12-31T23:59:59.000Z');
    assert.equal(parseLog({ text: text + text })[1]?.hash, hash);
  });

  it('are those of remotes last, without the one that only points at another', () => {
    const line = (...fields: string[]) => `${fields.join('\0')}\0\n`;
    const text =
      line('refs/remotes/origin/HEAD', ' ', hash, 's', '1', '', '', 'refs/remotes/origin/main') +
      line('refs/remotes/origin/main', ' ', hash, 's', '1', '', '', '') +
      line('refs/heads/gone', ' ', hash, 's', '1', 'refs/remotes/origin/gone', 'gone', '') +
      line('refs/heads/main', '*', hash, 's', '1', 'refs/remotes/origin/main', 'ahead 3, behind 4', '');
    const found = parseBranches({ text });
    assert.deepEqual(
      found.map(({ name, current, ahead, behind }) => [name, current, ahead, behind]),
      [
        ['gone', false, null, null],
        ['main', true, 3, 4],
        ['origin/main', false, null, null],
      ],
    );
  });

  it('of a server are read with its default branch', () => {
    const text = `ref: refs/heads/dev\tHEAD\n${hash}\tHEAD\n${hash}\trefs/heads/dev\n${hash}\trefs/heads/a/b\n`;
    assert.deepEqual(parseAdvertised(text), {
      head: 'dev',
      branches: [
        { hash, name: 'dev' },
        { hash, name: 'a/b' },
      ],
    });
  });
});

describe('a configuration', () => {
  const settings = parseSettings(
    [
      'remote.origin.url\nhttps://ann:a-token@example.org/x.git',
      'filter.a=b.c.clean\nevil',
      'core.bare',
      'branch.main.remote\norigin',
      'branch.main.merge\nrefs/heads/theirs',
    ].join('\0') + '\0',
  );
  it('is told without the token that somebody wrote into an address', () =>
    assert.deepEqual(remotesIn(settings), [{ name: 'origin', url: 'https://example.org/x.git' }]));
  it('says what a branch follows', () => assert.deepEqual(upstreamIn(settings, 'main'), { remote: 'origin', branch: 'theirs' }));
  it('is handed on without what could start a program or lead elsewhere', () => {
    const planted = [
      'include.path',
      'includeif.gitdir:/.path',
      'core.fsmonitor',
      'core.worktree',
      'extensions.worktreeconfig',
      'merge.m.driver',
    ];
    const text = harmlessConfiguration([...settings, ...planted.map((name) => ({ name, value: 'evil' }))]);
    assert.doesNotMatch(text, /evil/);
    assert.match(text, /\[remote "origin"\]\n\turl = "https:/);
  });
  it('is handed on so that Git reads the same values', () => {
    const value = String.raw`a "b" \c` + '\n\t;#d ';
    assert.equal(
      harmlessConfiguration([{ name: String.raw`branch.a"b\c.d.description`, value }]),
      String.raw`[branch "a\"b\\c.d"]` + '\n' + String.raw`	description = "a \"b\" \\c\n\t;#d "` + '\n',
    );
  });
});

describe('the progress of a transfer', () => {
  it('is the last that was printed, whatever pieces it comes in', () => {
    const seen: Progress[] = [];
    const read = progressReader((progress) => seen.push(progress));
    read('remote: Counting objects:  10% (1/10)\rremote: Counting obj');
    read('ects: 100% (10/10), done.\nReceiving objects:  42% (4');
    read('2/100)\r');
    assert.deepEqual(seen, [
      { stage: 'Counting objects', percent: 10 },
      { stage: 'Counting objects', percent: 100 },
      { stage: 'Receiving objects', percent: 42 },
    ]);
  });
});

describe('a question for a token', () => {
  const secret = { host: 'example.org', username: 'ann', token: 'a-token' };
  for (const [question, said] of [
    ["Username for 'https://example.org': ", '+ann'],
    ["Password for 'https://ann@example.org': ", '+a-token'],
    ["Password for 'https://ann%40x@EXAMPLE.org/x.git': ", '+a-token'],
    ["Password for 'https://ann@example.org.evil.net': ", '-'],
    ["Password for 'https://example.org@evil.net': ", '-'],
    ["Password for 'https://ann@example.org:8443': ", '-'],
    ["Password for 'http://ann@example.org': ", '-'],
    ['Enter passphrase for key: ', '-'],
  ] as const) {
    it(`${question}is ${said === '-' ? 'not answered' : 'answered'}`, async () => {
      const [line, written] = [new PassThrough(), [] as string[]];
      line.write = ((text: string) => written.push(text) > 0) as typeof line.write;
      answer(line, { secret, host: 'example.org' });
      line.push(`${question}\n`);
      await turn();
      await turn();
      assert.deepEqual(written, [`${said}\n`]);
    });
  }
});

describe('what Git says when it fails', () => {
  for (const [said, code] of [
    ["fatal: Unable to create '/project/.git/index.lock': File exists.", 'git-locked'],
    ['error: Your local changes to the following files would be overwritten by checkout:\n\ta.py\nAborting', 'conflict'],
    ["error: pathspec 'x' did not match any file(s) known to git", 'not-found'],
    ["fatal: a branch named 'x' already exists", 'already-exists'],
    ['fatal: write error: No space left on device', 'no-space'],
    ['fatal: something new', 'git-failed'],
  ] as const) {
    it(`becomes ${code}: ${said.split('\n')[0]}`, () => assert.equal(failureOf('do it', said).code, code));
  }
  it('has no token of an address in it', () =>
    assert.doesNotMatch(failureOf('do it', "fatal: unable to access 'https://ann:a-token@example.org/': no").message, /a-token/));
});
