/** What can be run in a repository. Hashes are hexadecimal and whole; paths are those in the repository. */
import type { GitBranch, GitCommit, GitFile, GitRemote, GitStash, GitStatus } from '@bine/shared';
import type { Operation } from './operation.ts';
import type { Setting } from './repository.ts';

/** A reference: its whole name, such as refs/heads/main, and where it points. */
export type Ref = { name: string; hash: string };

/** `hash` null deletes the reference. One whose hash is not `old` any more, or that exists although `old` is null, fails, and with it all. */
export type Move = { name: string; hash: string | null; old?: string | null };

/** A commit, and what it is called, as origin/main, in messages and between the marks of a conflict. */
export type Theirs = { hash: string; name: string };

/** The branch of a remote that a branch follows. */
export type Upstream = { remote: string; branch: string };

export type Underway = NonNullable<GitStatus['underway']>;

/** As `GitStatus` has it, without what is under way. */
export type WorkTree = {
  branch: string | null;
  head: string | null;
  upstream: string | null;
  ahead: number | null;
  behind: number | null;
  conflicts: GitFile[];
  staged: GitFile[];
  changes: GitFile[];
  untracked: GitFile[];
  /** Paths of `untracked` that are repositories of their own. */
  nested: string[];
  /** There are more files than are listed. */
  more: boolean;
};

export type GitCommands = BranchCommands & CommitCommands & FileCommands & MergeCommands & RemoteCommands;

/** Branches and other references. */
type BranchCommands = {
  /** Own ones first, then those of remotes; each kind from the one with the newest commit on. */
  branches: Operation<GitBranch[]>;
  /** @param under whole names, or folders of them; none: all */
  listRefs(under: readonly string[]): Operation<Ref[]>;
  /** All of them or none. @param why for the log of references */
  moveRefs(moves: readonly Move[], why: string): Operation<void>;
  /** null: a commit is checked out, not a branch. The branch may have no commit yet. */
  currentBranch: Operation<string | null>;
  /** Checks nothing out. */
  pointHead(branch: string): Operation<void>;
  pointRemoteHead(remote: string, branch: string): Operation<void>;
  isBranchName(name: string): Operation<boolean>;
  createBranch(name: string, hash: string): Operation<void>;
  renameBranch(name: string, to: string): Operation<void>;
  /** @param force also where only that branch has its commits */
  deleteBranch(name: string, force: boolean): Operation<void>;
  switchTo(target: { branch: string } | { commit: string } | { create: string; from: string }): Operation<void>;
};

type CommitCommands = {
  /** @param options `ref`: a hash, or the full name of a reference; `path`: '' for all; `limit` and `skip` count commits */
  log(options: { ref: string; path: string; limit: number; skip: number }): Operation<GitCommit[]>;
  /** An amended commit with an empty message keeps its own. */
  commit(options: { message: string; amend: boolean }): Operation<void>;
  /** Files in which the next commit adds the marks that Git leaves in a conflict, with the line of the first. */
  stagedMarkers: Operation<{ path: string; line: number }[]>;
  /** null: there is none of that name. */
  resolveCommit(ref: string): Operation<string | null>;
  /** `more`: the patch was cut off after 1 MiB. */
  diff(options: { of: 'changes' | 'staged'; path: string }): Operation<{ patch: string; more: boolean }>;
  /** Size in bytes. @param ref '' for what is staged. null: no such file */
  blob(ref: string, path: string): Operation<{ hash: string; size: number } | null>;
  /** @param most bytes; more is cut off */
  blobContent(hash: string, most: number): Operation<Buffer>;
};

/** What is done to files. Where paths are named, '' is all of the repository. */
type FileCommands = {
  /** What is staged, changed and new. */
  status: Operation<WorkTree>;
  /** Of paths that have one, the filter that Git would give their content to. */
  filtersOf(paths: readonly string[]): Operation<{ path: string; filter: string }[]>;
  /** Merge drivers that are not Git's own. */
  mergeDriversOf(paths: readonly string[]): Operation<{ path: string; driver: string }[]>;
  trackedFiles: Operation<string[]>;
  /** Files that `to` has otherwise than what it has in common with `from`. */
  changedSince(from: string, to: string): Operation<string[]>;
  /** Files that will be committed otherwise than they are in a commit. */
  stagedSince(from: string): Operation<string[]>;
  stage(paths: readonly string[]): Operation<void>;
  /** @param isFirst there is no commit yet to compare with */
  unstage(paths: readonly string[], isFirst: boolean): Operation<void>;
  /** As they are staged. */
  restore(paths: readonly string[]): Operation<void>;
};

/** Bringing commits together, putting changes aside, and going back from either. true: done; false: some files are in conflict. */
type MergeCommands = {
  /** After a conflict the merge is under way. */
  merge(theirs: Theirs): Operation<boolean>;
  /** Only where it adds no commit. */
  goForward(theirs: Theirs): Operation<void>;
  /** Whether everything that the one has is in the other. */
  isAncestor(one: string, other: string): Operation<boolean>;
  /** After a conflict the rebase is under way. */
  rebase(theirs: Theirs): Operation<boolean>;
  abort(underway: Underway): Operation<void>;
  /** null: there is no such way. true: it went on; false: to the next conflict. */
  proceed(how: 'continue' | 'skip', underway: Underway): Operation<boolean> | null;
  listStashes: Operation<GitStash[]>;
  stash(message: string, untracked: boolean): Operation<void>;
  /** After a conflict it was kept. @param drop forgets it where there was none */
  applyStash(index: number, drop: boolean): Operation<boolean>;
  dropStash(index: number): Operation<void>;
};

/** Remotes, and which branch follows which of theirs. */
type RemoteCommands = {
  /** Without the tokens that somebody wrote into an address in a terminal. */
  remotesIn(settings: readonly Setting[]): GitRemote[];
  /** null: the branch follows none of a remote. */
  upstreamIn(settings: readonly Setting[], branch: string): Upstream | null;
  /** Adds the remote if it is missing. */
  setUrl(remote: string, url: string): Operation<void>;
  /** All of its branches are fetched. */
  setFetch(remote: string): Operation<void>;
  /** To be run one after the other. */
  setUpstream(branch: string, upstream: Upstream): Operation<void>[];
  removeRemote(name: string): Operation<void>;
};
