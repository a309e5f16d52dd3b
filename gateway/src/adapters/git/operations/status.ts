/** What is staged, changed and new, from `git status --porcelain=v2`. */
import type { GitFile } from '@bine/shared';
import type { Answer, Operation } from '../../../ports/git/operation.ts';
import type { WorkTree } from '../../../ports/git/commands.ts';

const mostFiles = 10_000;

export const status: Operation<WorkTree> = {
  what: 'look at the files',
  // A submodule's own status would be asked of a Git that reads the submodule's configuration.
  arguments: ['status', '--porcelain=v2', '-z', '--branch', '--untracked-files=all', '--ignore-submodules=dirty', '--find-renames'],
  reads: true,
  most: 8 * 2 ** 20,
  parse: parseStatus,
};

const kinds: Record<string, GitFile['status']> = {
  A: 'added',
  M: 'modified',
  D: 'deleted',
  R: 'renamed',
  C: 'copied',
  T: 'type-changed',
};
const conflicts: Record<string, GitFile['status']> = {
  DD: 'both-deleted',
  AU: 'added-by-us',
  UD: 'deleted-by-them',
  UA: 'added-by-them',
  DU: 'deleted-by-us',
  AA: 'both-added',
  UU: 'both-modified',
};

export function parseStatus({ text, cut }: Pick<Answer, 'text' | 'cut'>): WorkTree {
  const tree: WorkTree = {
    branch: null,
    head: null,
    upstream: null,
    ahead: null,
    behind: null,
    conflicts: [],
    staged: [],
    changes: [],
    untracked: [],
    nested: [],
    more: cut,
  };
  // What comes after the last NUL was cut off, or is nothing.
  const entries = text.split('\0').slice(0, -1).values();
  let count = 0;
  for (const entry of entries) {
    count += 1;
    tree.more ||= count > mostFiles;
    if (count > mostFiles) break;
    if (entry.startsWith('# ')) readHead(tree, entry.slice(2));
    else readFile(tree, entry, () => entries.next().value ?? null);
  }
  return tree;
}

function readHead(tree: WorkTree, line: string): void {
  const [name, ...values] = line.split(' ');
  const value = values.join(' ');
  if (name === 'branch.oid') tree.head = value === '(initial)' ? null : value;
  if (name === 'branch.head') tree.branch = value === '(detached)' ? null : value;
  if (name === 'branch.upstream') tree.upstream = value;
  const both = name === 'branch.ab' ? /^\+(\d+) -(\d+)$/.exec(value) : null;
  if (both) [tree.ahead, tree.behind] = [Number(both[1]), Number(both[2])];
}

/** `1 XY …seven fields path`, `2 XY …eight fields path` and the old path after it, `u XY …nine fields path`, `? path`. */
function readFile(tree: WorkTree, entry: string, next: () => string | null): void {
  const [type, code = ''] = entry.split(' ', 2);
  if (type === '?') {
    const path = entry.slice(2);
    const isFolder = path.endsWith('/');
    if (isFolder) tree.nested.push(path.slice(0, -1));
    tree.untracked.push({ path: isFolder ? path.slice(0, -1) : path, status: 'untracked', from: null });
  } else if (type === 'u') {
    tree.conflicts.push({ path: after(entry, 10), status: conflicts[code] ?? 'both-modified', from: null });
  } else if (type === '1' || type === '2') {
    const path = after(entry, type === '1' ? 8 : 9);
    const from = type === '2' ? next() : null;
    const [index, work] = [kinds[code[0] ?? ''], kinds[code[1] ?? '']];
    const old = (status: GitFile['status']) => (status === 'renamed' || status === 'copied' ? from : null);
    if (index) tree.staged.push({ path, status: index, from: old(index) });
    if (work) tree.changes.push({ path, status: work, from: old(work) });
  }
}

/** What follows so many fields; a path may have spaces. */
function after(entry: string, fields: number): string {
  let at = 0;
  for (let field = 0; field < fields; field++) at = entry.indexOf(' ', at) + 1;
  return entry.slice(at);
}
