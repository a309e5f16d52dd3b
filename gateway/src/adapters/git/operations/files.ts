/** What is done to files. Their paths travel by standard input. */
import { fromInput, nothing, pathInput, records } from '../operation.ts';
import type { Operation } from '../operation.ts';

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
