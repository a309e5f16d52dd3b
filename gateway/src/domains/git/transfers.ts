/** Fetch, pull and push: to and from the server as a transfer, which knows the token; in the repository by commands that don't. */
import type { GitOperation, GitRemote } from '@bine/shared';
import { gitUrl, problemOfGitUrl } from '@bine/shared/names';
import { Problem } from '@bine/shared/problems';
import type { Ref, Theirs } from '../../ports/git/commands.ts';
import type { Trip } from '../../ports/git/transfers.ts';
import { cloneAction } from './clone.ts';
import { identityOf } from './credentials.ts';
import { headOf } from './looking.ts';
import { driverNotice, filterNotice, sidesOf } from './notices.ts';
import type { Leg } from './operations.ts';
import type { At, GitParts, Repository } from './parts.ts';
import { tripTo } from './trip.ts';
import type { TransferParts } from './trip.ts';

type Pull = At & { strategy: 'merge' | 'rebase' | 'fast-forward' };
type Push = At & { remote?: string | undefined; force: boolean };

export function transferActions(parts: TransferParts) {
  const { repositories, operations } = parts;

  async function begin(at: At, action: GitOperation['action'], user: string, work: (repository: Repository, leg: Leg) => Promise<string>) {
    const { project, where } = await repositories.locate(at);
    // What is wrong at once is said at once.
    await repositories.look(at, AbortSignal.timeout(30_000), async () => undefined);
    return operations.begin({ project, repository: where.path, action, user }, (leg) =>
      repositories.change(at, leg, (repository) => work(repository, leg), leg.onTurn),
    );
  }

  return {
    clone: cloneAction(parts),

    fetch: (at: At & { remote?: string | undefined }, user: string): Promise<GitOperation> =>
      begin(at, 'fetch', user, async (repository, leg) => {
        const remote = await chooseRemote(parts, repository, at.remote);
        return fetch(parts, { repository, leg, remote });
      }),

    async pull({ strategy, ...at }: Pull, user: string): Promise<GitOperation> {
      if (strategy !== 'fast-forward') await identityOf(parts.rows, user);
      return begin(at, 'pull', user, (repository, leg) => pull(parts, { repository, leg, strategy }));
    },

    push: ({ force, ...at }: Push, user: string): Promise<GitOperation> =>
      begin(at, 'push', user, async (repository, leg) => {
        const remote = await chooseRemote(parts, repository, at.remote);
        return push(parts, { repository, leg, remote, force });
      }),
  };
}

type Journey = { repository: Repository; leg: Leg; remote: GitRemote };

const tripOf = async (parts: GitParts, { repository, leg, remote }: Journey, refs: readonly Ref[]): Promise<Trip> =>
  tripTo(parts, { where: repository.opened.where, url: remote.url, refs, leg });

/** That of the caller, that which the branch follows, origin, or the only one. */
async function chooseRemote({ git: { commands } }: GitParts, { opened, run }: Repository, wanted: string | undefined): Promise<GitRemote> {
  const remotes = commands.remotesIn(opened.settings);
  const branch = await run(commands.currentBranch);
  const followed = branch === null ? undefined : commands.upstreamIn(opened.settings, branch)?.remote;
  const name = wanted ?? followed ?? (remotes.length === 1 ? remotes[0]!.name : 'origin');
  const remote = remotes.find((one) => one.name === name);
  if (!remote) {
    const there = remotes.length === 0 ? 'It has none; add one first.' : `There are: ${remotes.map((one) => one.name).join(', ')}.`;
    throw new Problem('not-found', `The repository has no remote "${name}". ${there}`);
  }
  const why = problemOfGitUrl(remote.url);
  if (why === null) return remote;
  if (gitUrl.pattern.test(remote.url)) throw new Problem('conflict', `The remote "${name}" is ${JSON.stringify(remote.url)}: ${why}.`);
  throw new Problem('conflict', `The remote "${name}" is ${JSON.stringify(remote.url)}, and Bine speaks https:// only. ${instead(remote)}`);
}

function instead({ name, url }: GitRemote): string {
  const [, host, path] = /^(?:ssh:\/\/)?(?:[^@/]+@)?([\w.-]+)[:/](?!\/)([\w./~-]+)$/.exec(url) ?? [];
  const better = host && path ? `https://${host}/${path}` : 'its https:// address';
  return `Set "${name}" to ${better}.`;
}

async function fetch(parts: GitParts, journey: Journey): Promise<string> {
  const { repository, remote } = journey;
  const { commands, transfers } = parts.git;
  const before = await repository.run(commands.listRefs([]));
  const specs = [`+refs/heads/*:refs/remotes/${remote.name}/*`];
  const after = await transfers.fetch(await tripOf(parts, journey, before), { specs, prune: true });
  const moves = differences({ before, after, remote: remote.name });
  if (moves.length > 0) await repository.run(commands.moveRefs(moves, `fetch ${remote.name}`));
  return moves.length === 0
    ? `${remote.name} has nothing new`
    : `${count(moves.length, 'branch or tag', 'branches and tags')} of ${remote.name} changed`;
}

/** Only what follows the remote, and new tags: nothing of the user's own moves. */
function differences({ before, after, remote }: { before: Ref[]; after: Ref[]; remote: string }) {
  const had = new Map(before.map(({ name, hash }) => [name, hash]));
  const has = new Map(after.map(({ name, hash }) => [name, hash]));
  const folder = `refs/remotes/${remote}/`;
  const moved = after.filter(
    ({ name, hash }) => (name.startsWith(folder) && had.get(name) !== hash) || (name.startsWith('refs/tags/') && !had.has(name)),
  );
  const gone = before.filter(({ name }) => name.startsWith(folder) && !has.has(name));
  return [
    ...gone.map(({ name, hash }) => ({ name, hash: null, old: hash })),
    ...moved.map(({ name, hash }) => ({ name, hash, old: had.get(name) ?? null })),
  ];
}

async function pull(
  parts: GitParts,
  { repository, leg, strategy }: Omit<Journey, 'remote'> & { strategy: Pull['strategy'] },
): Promise<string> {
  const { commands } = parts.git;
  const remote = await chooseRemote(parts, repository, undefined);
  const branch = await branchOf(parts, repository);
  const fetched = await fetch(parts, { repository, leg, remote });
  leg.onProgress({ stage: strategy === 'rebase' ? 'Rebasing' : 'Merging', percent: null });
  const upstream = commands.upstreamIn(repository.opened.settings, branch)?.branch ?? branch;
  const name = `${remote.name}/${upstream}`;
  const theirs = await repository.run(commands.resolveCommit(`refs/remotes/${name}`));
  if (theirs === null) throw new Problem('not-found', `${remote.name} has no branch "${upstream}" to pull from. Push yours first.`);
  const head = await headOf(parts, repository);
  const driven = head === null ? null : await driverNotice(parts, repository, await sidesOf(parts, repository, [head, theirs]));
  await bringIn(parts, { repository, leg, strategy, head, theirs: { hash: theirs, name }, driven });
  const now = await headOf(parts, repository);
  if (head === now) return `${branch} is up to date; ${fetched}`;
  const became = now === theirs ? `${branch} went forward to ${name}` : `${branch} has what ${name} has`;
  const brought = head === null || now === null ? undefined : await repository.run(commands.changedSince(head, now));
  return [became, driven, await filterNotice(parts, repository, brought)].filter(Boolean).join('. ');
}

type BringIn = { repository: Repository; leg: Leg; strategy: Pull['strategy']; head: string | null; theirs: Theirs; driven: string | null };

async function bringIn({ git: { commands }, rows }: GitParts, bring: BringIn): Promise<void> {
  const { repository, leg, strategy, head, theirs, driven } = bring;
  if (head !== null && (await repository.run(commands.isAncestor(theirs.hash, head)))) return;
  // Who adds no commit need not say who they are.
  if (strategy === 'fast-forward' || head === null || (await repository.run(commands.isAncestor(head, theirs.hash)))) {
    await repository.run(commands.goForward(theirs));
    return;
  }
  const identity = await identityOf(rows, leg.user);
  const done = await repository.runAs(identity, strategy === 'merge' ? commands.merge(theirs) : commands.rebase(theirs));
  if (done) return;
  const { conflicts } = await repository.run(commands.status);
  const files = conflicts.slice(0, 5).map(({ path }) => path);
  const named = `${files.join(', ')}${conflicts.length > files.length ? ` and ${conflicts.length - files.length} more` : ''}`;
  if (strategy === 'rebase') {
    await repository.runAs(identity, commands.abort('rebase'));
    throw new Problem('conflict', told(`Both sides changed ${named}. The rebase was undone; pull with a merge to solve it.`, driven));
  }
  const next = 'The merge is under way: solve the conflicts, stage the files and commit, or abort.';
  throw new Problem('conflict', told(`Both sides changed ${named}. ${next}`, driven));
}

const told = (detail: string, notice: string | null): string => (notice === null ? detail : `${detail} ${notice}`);

async function branchOf({ git: { commands } }: GitParts, repository: Repository): Promise<string> {
  const branch = await repository.run(commands.currentBranch);
  if (branch !== null) return branch;
  throw new Problem('conflict', 'A commit is checked out, not a branch. Check out a branch, or create one here, first.');
}

async function push(parts: GitParts, journey: Journey & { force: boolean }): Promise<string> {
  const { repository, remote, force } = journey;
  const { commands, transfers } = parts.git;
  const branch = await branchOf(parts, repository);
  const hash = await headOf(parts, repository);
  if (hash === null) throw new Problem('conflict', 'There is no commit yet, so there is nothing to push.');
  const upstream = commands.upstreamIn(repository.opened.settings, branch);
  const theirs = upstream?.remote === remote.name ? upstream.branch : branch;
  const followed = `refs/remotes/${remote.name}/${theirs}`;
  const refs = await repository.run(commands.listRefs([]));
  const before = refs.find(({ name }) => name === followed)?.hash ?? null;
  const trip = await tripOf(parts, journey, refs);
  await transfers.push(trip, { hash, branch: theirs, ...(force && { expected: before }) });
  if (before !== hash) await repository.run(commands.moveRefs([{ name: followed, hash }], 'push'));
  if (!upstream) for (const set of commands.setUpstream(branch, { remote: remote.name, branch: theirs })) await repository.run(set);
  return before === hash ? `${remote.name}/${theirs} has all commits` : `${remote.name}/${theirs} is at ${hash.slice(0, 7)} now`;
}

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;
