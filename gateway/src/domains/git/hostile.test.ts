/**
 * Repositories that tell Git to run a program, to go elsewhere, or to write outside of the project. Each is put through a day's work: what was
 * planted must not run, what is elsewhere must not be touched, the token must reach no other server, and either all works or one sentence says why not.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Problem } from '@bine/shared/problems';
import { startGitServer } from '../../../../test/git-server/server.ts';
import type { GitServer } from '../../../../test/git-server/server.ts';
import { startWorld } from './world.fixture.ts';

const at = { project: 'p', repository: 'demo' };
const never = new AbortController().signal;

/**
 * A shell script, run in the repository. It finds `$EVIL`, a command that leaves a witness wherever it runs; `$OUTSIDE`, a folder beside the
 * project; `$URL`, the address of the repository.
 */
type Row = {
  name: string;
  plant: string;
  /** What the one sentence says; absent: all works. */
  refused?: RegExp;
  /** Only these steps may be refused; default: any. */
  only?: RegExp;
};

/** A file of configuration that names the program wherever one can be named. */
const included = `for section in core:fsmonitor core:sshCommand core:pager core:editor core:hooksPath diff:external gpg:program credential:helper; do
  git config -f more "\${section%:*}.\${section#*:}" "$EVIL"; done
  git config -f more filter.f.clean "$EVIL"; git config -f more filter.f.smudge "$EVIL"; git config -f more filter.f.process "$EVIL"
  git config -f more merge.m.driver "$EVIL"; git config -f more merge.default m; git config -f more diff.d.command "$EVIL"
  git config -f more diff.d.textconv "$EVIL"; git config -f more trailer.x.command "$EVIL"; git config -f more pager.log "$EVIL"`;
/** Without filters, which would be refused. */
const attributes = 'echo "* merge=m diff=d" > .git/info/attributes';

const rows: Row[] = [
  { name: 'nothing planted', plant: 'true' },
  {
    name: 'hooks of every kind',
    plant: `for hook in pre-commit commit-msg prepare-commit-msg post-commit pre-push post-checkout post-merge pre-rebase post-rewrite post-index-change reference-transaction pre-merge-commit fsmonitor-watchman pre-auto-gc; do
      printf '#!/bin/sh\\n%s\\n' "$EVIL" > .git/hooks/$hook; chmod +x .git/hooks/$hook; done`,
  },
  {
    name: 'core.hooksPath',
    plant: `mkdir h; printf '#!/bin/sh\\n%s\\n' "$EVIL" > h/post-checkout; cp h/post-checkout h/pre-commit; chmod +x h/*; git config core.hooksPath h`,
  },
  { name: 'core.fsmonitor', plant: 'git config core.fsmonitor "$EVIL"' },
  {
    name: 'core.sshCommand and a remote over ssh',
    plant: 'git config core.sshCommand "$EVIL"; git config remote.origin.url ssh://git@localhost/x.git',
    refused: /https:\/\/ only/,
    only: /fetch|pull|push/,
  },
  {
    name: 'filters clean and smudge',
    plant:
      'git config filter.f.clean "$EVIL"; git config filter.f.smudge "$EVIL"; git config filter.f.required true; echo "* filter=f" > .gitattributes',
    refused: /wants the filter/,
    only: /stage|commit/,
  },
  {
    name: 'a filter process',
    plant: 'git config filter.f.process "$EVIL"; git config filter.f.required true; echo "* filter=f" > .gitattributes',
    refused: /wants the filter/,
    only: /stage|commit/,
  },
  {
    name: 'a filter with an = in its name',
    plant: 'git config "filter.a=b.clean" "$EVIL"; git config "filter.a=b.smudge" "$EVIL"; echo "* filter=a=b" > .gitattributes',
    refused: /wants the filter/,
    only: /stage|commit/,
  },
  { name: 'diff.external', plant: 'git config diff.external "$EVIL"' },
  {
    name: 'a diff driver',
    plant: 'git config diff.d.command "$EVIL"; git config diff.d.textconv "$EVIL"; echo "* diff=d" > .gitattributes',
  },
  { name: 'a merge driver', plant: 'git config merge.m.driver "$EVIL"; git config merge.default m; echo "* merge=m" > .gitattributes' },
  {
    name: 'a pager and an editor',
    plant:
      'git config core.pager "$EVIL"; git config pager.log "$EVIL"; git config core.editor "$EVIL"; git config sequence.editor "$EVIL"; git config core.askPass "$EVIL"',
  },
  { name: 'credential.helper', plant: 'git config credential.helper "!$EVIL"; git config credential.$URL.helper "!$EVIL"' },
  {
    name: 'include.path of a file that is committed',
    plant: `${included}; git config include.path ../more; echo "* filter=f" > .gitattributes; git -c filter.f.clean= -c filter.f.process= add more .gitattributes; git -c filter.f.clean= -c filter.f.process= -c core.hooksPath=/dev/null -c core.editor=true commit -qm planted`,
    refused: /wants the filter/,
    only: /stage|commit/,
  },
  // It goes away and comes back with what is put aside, while Git is at work.
  {
    name: 'include.path of a file that is new, and a filter',
    plant: `${included}; git config include.path ../more; echo more >> .git/info/attributes; echo "mine.txt filter=f" > .gitattributes`,
    refused: /wants the filter/,
    only: /stage|commit/,
  },
  {
    name: 'include.path of a file that is new, and all other programs',
    plant: `${included}; git config include.path ../more; ${attributes}`,
  },
  { name: 'includeIf', plant: `${included}; git config includeIf.gitdir:/.path ../more; ${attributes}` },
  {
    name: 'a configuration that is another at every moment',
    plant: `${included}; cp .git/config good; cat good more > evil; ${attributes}
      (while test -d .git; do for which in evil good; do cp $which .git/c; mv .git/c .git/config; done; done) > /dev/null 2>&1 &`,
  },
  {
    name: 'config.worktree with drivers',
    plant: `${included}; git config extensions.worktreeConfig true; mv more .git/config.worktree; ${attributes}`,
  },
  { name: 'config.worktree', plant: 'git config extensions.worktreeConfig true; git config --worktree core.fsmonitor "$EVIL"' },
  {
    name: 'signing programs',
    plant:
      'git config commit.gpgSign true; git config gpg.program "$EVIL"; git config gpg.format ssh; git config gpg.ssh.program "$EVIL"; git config log.showSignature true; git config push.gpgSign true',
  },
  { name: 'url.insteadOf', plant: 'git config url.ext::sh.insteadOf "$URL"; git config url.https://127.0.0.1:1/.insteadOf https://' },
  {
    name: 'http.proxy, http.extraHeader and http.sslVerify',
    plant:
      'git config http.proxy http://127.0.0.1:1; git config http.extraHeader "X-Evil: 1"; git config http.sslVerify false; git config "http.$URL.sslVerify" false; git config http.cookieFile /etc/passwd; git config http.sslCAInfo /dev/null',
  },
  {
    name: 'remote.vcs, uploadpack and receivepack',
    plant:
      'git config remote.origin.vcs ext; git config remote.origin.uploadpack "$EVIL"; git config remote.origin.receivepack "$EVIL"; git config remote.origin.proxy http://127.0.0.1:1',
  },
  {
    name: 'a remote that is a program',
    plant: 'git config remote.origin.url "ext::$EVIL"; git config protocol.allow always; git config protocol.ext.allow always',
    refused: /https:\/\/ only/,
    only: /fetch|pull|push/,
  },
  {
    name: 'a remote that is a folder',
    plant: 'git config remote.origin.url "file://$OUTSIDE"; git config protocol.file.allow always',
    refused: /https:\/\/ only/,
    only: /fetch|pull|push/,
  },
  {
    name: 'a remote that looks like an option',
    plant: 'git config remote.origin.url "--upload-pack=$EVIL"',
    refused: /https:\/\/ only/,
    only: /fetch|pull|push/,
  },
  {
    name: 'a promised object that a program fetches',
    plant:
      'git config extensions.partialClone origin; git config remote.origin.promisor true; git config core.alternateRefsCommand "$EVIL"',
  },
  {
    name: 'a gitfile that leads elsewhere',
    plant: 'mv .git "$OUTSIDE/git"; echo "gitdir: $OUTSIDE/git" > .git',
    refused: /no Git repository/,
  },
  { name: '.git as a link', plant: 'mv .git "$OUTSIDE/git"; ln -s "$OUTSIDE/git" .git', refused: /no Git repository/ },
  { name: '.git as a link in the project', plant: 'mv .git ../elsewhere; ln -s ../elsewhere .git', refused: /no Git repository/ },
  {
    name: 'its folder as a link out of the project',
    plant: 'cp -a ../demo "$OUTSIDE/"; rm -rf ../demo; ln -s "$OUTSIDE/demo" ../demo',
    refused: /behind a link/,
  },
  {
    name: '.git/config as a link out of the project',
    plant: 'mv .git/config "$OUTSIDE/config"; ln -s "$OUTSIDE/config" .git/config',
    refused: /./,
  },
  {
    name: '.git/objects as a link out of the project',
    plant: 'mv .git/objects "$OUTSIDE/objects"; ln -s "$OUTSIDE/objects" .git/objects',
    refused: /./,
  },
  {
    name: '.git/HEAD as a link out of the project',
    plant: 'echo ref: refs/heads/main > "$OUTSIDE/HEAD"; rm .git/HEAD; ln -s "$OUTSIDE/HEAD" .git/HEAD',
    refused: /./,
  },
  { name: 'core.worktree', plant: 'git config core.worktree "$OUTSIDE"; git config core.bare true' },
  { name: 'commondir elsewhere', plant: 'echo "$OUTSIDE" > .git/commondir', refused: /./ },
  { name: 'alternates elsewhere', plant: 'mkdir -p .git/objects/info; echo "$OUTSIDE" > .git/objects/info/alternates' },
  { name: 'aliases of the commands', plant: 'for name in status add commit push fetch log; do git config alias.$name "!$EVIL"; done' },
  {
    name: 'a submodule that is a program',
    plant: `printf '[submodule "s"]\\n\\tpath = s\\n\\turl = ext::%s\\n\\tupdate = !%s\\n' "$EVIL" "$EVIL" > .gitmodules; git config submodule.recurse true; git config submodule.s.update "!$EVIL"; git config submodule.s.url "ext::$EVIL"; git config fetch.recurseSubmodules true; git config push.recurseSubmodules on-demand`,
  },
  {
    name: 'a repository in the repository, with a monitor of its own',
    plant:
      'git init -q s; (cd s; git commit -q --allow-empty -m x; git config core.fsmonitor "$EVIL"); git -c protocol.file.allow=always add s 2> /dev/null; git commit -q -m s',
  },
  {
    name: 'a submodule that is to be looked into, with a monitor of its own',
    plant: `git init -q s; (cd s; git commit -q --allow-empty -m x); git -c protocol.file.allow=always add s 2> /dev/null
      printf '[submodule "s"]\\n\\tpath = s\\n\\turl = ./s\\n\\tignore = none\\n' > .gitmodules; git add .gitmodules; git commit -qm s
      git config submodule.s.ignore none; git config submodule.s.active true; git config submodule.recurse true; git config diff.submodule log
      cd s; git config core.fsmonitor "$EVIL"; git config filter.f.clean "$EVIL"; touch new; git add new; echo changed > new; echo "* filter=f" > .gitattributes`,
  },
  {
    name: 'trailers that run programs',
    plant:
      'git config trailer.x.key X; git config trailer.x.command "$EVIL"; git config trailer.x.cmd "$EVIL"; git config trailer.ifmissing add',
  },
  {
    name: 'an fsck, maintenance and gc of its own',
    plant:
      'git config gc.auto 1; git config gc.recentObjectsHook "$EVIL"; git config maintenance.auto true; git config uploadpack.packObjectsHook "$EVIL"',
  },
  { name: 'a broken configuration', plant: 'printf "[core\\n" > .git/config', refused: /configuration|bad config/ },
  {
    name: 'a link of the project in the place of a changed file',
    plant: 'echo secret > "$OUTSIDE/secret"; rm readme.md; ln -s "$OUTSIDE/secret" readme.md',
  },
  {
    name: 'a folder that became a link out of the project',
    plant: 'rm -r src; mkdir "$OUTSIDE/src"; echo theirs > "$OUTSIDE/src/train.py"; ln -s "$OUTSIDE/src" src',
  },
];

describe('a hostile repository', { timeout: 600_000 }, () => {
  let server: GitServer;
  let requests: IncomingMessage[] = [];
  before(async () => {
    server = await startGitServer();
    server.intercept = (request) => {
      requests.push(request);
      return false;
    };
  });
  after(() => server[Symbol.asyncDispose]());

  for (const [index, { name, plant, refused, only = /./ }] of rows.entries()) {
    it(`${name}: ${refused ? 'is refused where it would matter' : 'changes nothing'}`, async (t) => {
      const outside = await mkdtemp(join(tmpdir(), 'bine-outside-'));
      t.after(() => rm(outside, { recursive: true, force: true }));
      const world = await startWorld(t, { ca: server.ca });
      await world.give(outside);
      const url = await server.repository(`hostile-${index}`, {
        'readme.md': 'one\n',
        'src/train.py': 'print(1)\n',
        'both.txt': lines('a'),
      });
      await world.git.setCredential('ann', { host: server.host, username: '', token: server.token });
      assert.equal((await world.ended(await world.git.clone({ project: 'p', url, path: 'demo' }, 'ann'))).problem, null);

      const evil = `touch /project/ran ${world.files}/ran ${outside}/ran`;
      await world.shell(`EVIL='${evil}'; OUTSIDE='${outside}'; URL='${url}'\nmkdir -p .git/hooks\n${plant}`, 'demo');
      await rm(join(outside, 'ran'), { force: true });
      await rm(join(world.files, 'ran'), { force: true });
      const before = await snapshot(outside);
      requests = [];

      const said = await work(world, (files) => server.commit(`hostile-${index}`, files));
      assert.ok(!(await readdir(world.files)).includes('ran'), 'what was planted has run');
      assert.deepEqual(await snapshot(outside), before, 'something outside of the project was changed');
      assert.ok(requests.every(({ headers }) => headers['x-evil'] === undefined));
      for (const { step, problem } of said) {
        assert.ok(problem instanceof Problem, `${step}: ${String(problem)}`);
        assert.ok(!problem.message.includes(server.token));
        assert.ok(refused && only.test(step) && problem.code !== 'internal', `${step}: ${problem.code} ${problem.message}`);
      }
      if (refused)
        assert.ok(
          said.some(({ problem }) => refused.test((problem as Problem).message)),
          said.map(({ step, problem }) => `${step}: ${String(problem)}`).join('\n'),
        );
      assert.deepEqual(world.errors, []);
    });
  }

  it('that turns certificates off is still read from nobody but who can show one', async (t) => {
    const world = await startWorld(t, { ca: server.ca });
    const url = await server.repository('untrusted', { 'readme.md': 'one\n' });
    await world.git.setCredential('ann', { host: server.host, username: '', token: server.token });
    assert.equal((await world.ended(await world.git.clone({ project: 'p', url, path: 'demo' }, 'ann'))).problem, null);
    const stranger = await startGitServer();
    t.after(() => stranger[Symbol.asyncDispose]());
    let asked = 0;
    stranger.intercept = () => {
      asked += 1;
      return false;
    };
    await world.shell(
      `git config http.sslVerify false; git config http.${stranger.url}/.sslVerify false; git config remote.origin.url ${stranger.url}/x.git`,
      'demo',
    );
    await world.git.setCredential('ann', { host: stranger.host, username: '', token: 'token-for-the-stranger' });
    const { problem } = await world.ended(await world.git.fetch(at, 'ann'));
    assert.equal(problem?.code, 'git-failed');
    assert.match(problem.detail, /certificate.*not trusted/);
    assert.equal(asked, 0);
  });
});

async function snapshot(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.sort();
}

/** Changed at the other end than in the project, so that Git has to merge it. */
const lines = (first: string): string => `${first}\nb\nc\nd\ne\n`;

type Said = { step: string; problem: unknown };

/** All that can be done in a day. @returns what was refused */
async function work(
  world: Awaited<ReturnType<typeof startWorld>>,
  elsewhere: (files: Record<string, string>) => Promise<string>,
): Promise<Said[]> {
  const { git, ann, ended } = world;
  const said: Said[] = [];
  const step = async (name: string, run: () => Promise<unknown>) => {
    try {
      await run();
    } catch (problem) {
      said.push({ step: name, problem });
    }
  };
  const over = async (begun: ReturnType<typeof git.push>) => {
    const { problem } = await ended(await begun);
    if (problem) throw new Problem(problem.code, problem.detail);
  };
  await step('status', () => git.status(at, never));
  await step('diff', () => git.diff({ ...at, of: 'changes', path: '' }, never));
  await step('log', () => git.log({ ...at, path: '', limit: 10, skip: 0 }, never));
  await step('content', () => git.content({ ...at, path: 'src/train.py', ref: 'HEAD' }, never));
  await world.shell('test -L demo || { echo more > demo/mine.txt; sed -i "s/^e$/mine/" demo/both.txt; }');
  await step('stage', () => git.stage({ ...at, paths: [''] }, ann));
  await step('unstage', () => git.unstage({ ...at, paths: [''] }, ann));
  await step('commit', () => git.commit({ ...at, message: 'Mine', amend: false, all: true }, ann));
  // The first commit, amended, would have nothing in common with the server's.
  if (!said.some((one) => one.step === 'commit'))
    await step('amend', () => git.commit({ ...at, message: '', amend: true, all: false }, ann));
  await step('branch', () => git.createBranch({ ...at, name: 'other', checkout: true }, ann));
  await step('checkout', () => git.checkout({ ...at, ref: 'main' }, ann));
  await world.shell('test -L demo || echo changed > demo/mine.txt');
  await step('diff again', () => git.diff({ ...at, of: 'changes', path: 'mine.txt' }, never));
  await step('stash', () => git.stash({ ...at, message: 'later', untracked: true }, ann));
  await step('apply', () => git.applyStash({ ...at, index: 0, drop: true }, ann));
  await step('discard', () => git.discard({ ...at, paths: [''] }, ann));
  await step('fetch', () => over(git.fetch(at, 'ann')));
  await elsewhere({ 'theirs.txt': 'theirs\n', 'both.txt': lines('theirs') });
  await step('pull', () => over(git.pull({ ...at, strategy: 'merge' }, 'ann')));
  await step('push', () => over(git.push({ ...at, force: false }, 'ann')));
  await step('branches', () => git.branches(at, never));
  await step('list', () => git.repositories('p'));
  return said;
}
