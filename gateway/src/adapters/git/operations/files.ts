/** What is done to files. Their paths travel by standard input. */
import { fromInput, nothing, pathInput, records } from '../operation.ts';
import type { Operation } from '../../../ports/git/operation.ts';

const deadline = 1_800_000;

/** Of paths that have one, the filter that Git would give their content to. */
export const filtersOf = (paths: readonly string[]): Operation<{ path: string; filter: string }[]> => ({
  what: 'read the attributes of files',
  arguments: ['check-attr', '-z', '--stdin', 'filter'],
  input: paths.map((path) => `${path}\0`).join(''),
  reads: true,
  parse: ({ text }) =>
    records(text, 3)
      .map(([path, , filter]) => ({ path: path!, filter: filter! }))
      .filter(({ filter }) => !['unspecified', 'unset', 'set', ''].includes(filter)),
});

/** Merge drivers that are not Git's own. */
export const mergeDriversOf = (paths: readonly string[]): Operation<{ path: string; driver: string }[]> => ({
  what: 'read the attributes of files',
  arguments: ['check-attr', '-z', '--stdin', 'merge'],
  input: paths.map((path) => `${path}\0`).join(''),
  reads: true,
  parse: ({ text }) =>
    records(text, 3)
      .map(([path, , driver]) => ({ path: path!, driver: driver! }))
      .filter(({ driver }) => !['unspecified', 'unset', 'set', 'text', 'binary', 'union', ''].includes(driver)),
});

export const trackedFiles: Operation<string[]> = {
  what: 'list the files',
  arguments: ['ls-files', '-z'],
  reads: true,
  parse: ({ text }) => text.split('\0').slice(0, -1),
};

/** Files that `to` has otherwise than what it has in common with `from`. */
export const changedSince = (from: string, to: string): Operation<string[]> => differing('compare two commits', `${from}...${to}`);

/** Files that will be committed otherwise than they are in a commit. */
export const stagedSince = (from: string): Operation<string[]> => differing('compare with a commit', '--cached', from);

const differing = (what: string, ...sides: string[]): Operation<string[]> => ({
  what,
  arguments: ['diff', '--name-only', '-z', '--no-ext-diff', '--no-textconv', '--no-renames', '--ignore-submodules=all', ...sides, '--'],
  reads: true,
  // Histories with nothing in common.
  otherwise: [128],
  parse: ({ text, code }) => (code === 0 ? text.split('\0').slice(0, -1) : []),
});

export const stage = (paths: readonly string[]): Operation<void> => ({
  what: 'stage',
  arguments: ['add', '--all', ...fromInput],
  input: pathInput(paths),
  deadline,
  parse: nothing,
});

/** @param isFirst there is no commit yet to compare with */
export const unstage = (paths: readonly string[], isFirst: boolean): Operation<void> => ({
  what: 'take out of the next commit',
  arguments: isFirst ? ['rm', '--cached', '-r', '--force', '--quiet', ...fromInput] : ['reset', '--quiet', '--no-refresh', ...fromInput],
  input: pathInput(paths),
  parse: nothing,
});

/** As they are staged. */
export const restore = (paths: readonly string[]): Operation<void> => ({
  what: 'undo the changes',
  arguments: ['restore', '--worktree', '--quiet', '--no-progress', '--no-recurse-submodules', ...fromInput],
  input: pathInput(paths),
  deadline,
  parse: nothing,
});
