/** What Git says when it fails, in the user's words. */
import { Problem } from '@bine/shared/problems';
import type { ProblemCode } from '@bine/shared/problems';
import { mostLines, tidy } from './tidy.ts';

type Reading = [RegExp, ProblemCode, (match: RegExpExecArray, all: string) => string];

const listed = (all: string): string => {
  const files = [...all.matchAll(/^\t(.+)$/gm)].map(([, name]) => name!);
  return files.length > 5 ? `${files.slice(0, 5).join(', ')} and ${files.length - 5} more` : files.join(', ');
};

/** The first that fits says it. */
const readings: Reading[] = [
  [
    /Unable to create '(.*\.lock)': File exists|could not lock config file (\S+): File exists|cannot lock ref .*\.lock': File exists/,
    'git-locked',
    () =>
      'Another Git process holds a lock: one works in a terminal of the project, or one was ended in the middle. Wait for it, or unlock the repository if none runs.',
  ],
  [
    /untracked working tree files would be (?:overwritten|removed) by/,
    'conflict',
    (_, all) => `New files stand in the way and would be lost: ${listed(all)}. Move, commit or discard them first.`,
  ],
  [
    /local changes to the following files would be overwritten|cannot rebase: You have|Your index contains uncommitted changes|would be overwritten by merge/,
    'conflict',
    (_, all) => `Changes that are not committed would be lost${listed(all) && `: ${listed(all)}`}. Commit, stash or discard them first.`,
  ],
  [
    /No changes - did you forget to use 'git add'|previous cherry-pick is now empty|The previous .* is now empty/,
    'conflict',
    () => 'What is staged changes nothing, so there is no commit to make of it. Skip it, or stage what it should change.',
  ],
  [
    /you need to resolve your current index first|You must edit all merge conflicts|Exiting because of unfinished merge|unmerged paths|because you have unmerged files|Committing is not possible|needs merge/,
    'conflict',
    () => 'Files are in conflict. Solve and stage them first, or abort what is under way.',
  ],
  [
    /pathspec '(.*?)' did not match any file/,
    'not-found',
    ([, path]) => `${JSON.stringify(path)} does not exist, and Git does not know it.`,
  ],
  [
    /pathspec '(.*?)' is beyond a symbolic link/,
    'path-refused',
    ([, path]) => `${JSON.stringify(path)} is beyond a link; name the file where it really is.`,
  ],
  [
    /The following paths are ignored by one of your \.gitignore/,
    'conflict',
    (_, all) =>
      `The repository ignores them: ${all
        .split('\n')
        .filter((line) => line && !/^(The following|hint|Use -f)/.test(line))
        .slice(0, 5)
        .join(', ')}. Change its .gitignore, or leave them out.`,
  ],
  [
    /Not possible to fast-forward|Diverging branches can't be fast-forwarded/,
    'conflict',
    () => 'Both sides have new commits, so it cannot be done by going forward only. Pull with a merge or a rebase.',
  ],
  [/[Aa] branch named '(.*?)' already exists/, 'already-exists', ([, name]) => `There is a branch "${name}" already. Choose another name.`],
  [
    /cannot lock ref '(.*?)': '(.*?)' exists/,
    'already-exists',
    ([, , name]) => `"${name}" exists, so that no branch can be named like a folder around it. Choose another name.`,
  ],
  [
    /branch '(.*?)' is not fully merged/,
    'conflict',
    ([, name]) => `Only "${name}" has its commits: merge or push it first, or delete it with force.`,
  ],
  [
    /[Cc]annot delete (?:branch '(.*?)' checked out|the branch)/,
    'conflict',
    () => 'That branch is checked out. Check out another one first.',
  ],
  [
    /branch '(.*?)' not found|No branch named '(.*?)'|no branch named '(.*?)'/,
    'not-found',
    ([, one, two, three]) => `There is no branch "${one ?? two ?? three}".`,
  ],
  [
    /refusing to merge unrelated histories/,
    'conflict',
    () => 'The two have no commit in common, so there is nothing that a merge could begin from.',
  ],
  [
    /does not have any commits yet|You do not have the initial commit yet|bad default revision 'HEAD'/,
    'conflict',
    () => 'There is no commit yet.',
  ],
  [/No local changes to save/, 'conflict', () => 'There are no changes to put aside.'],
  [
    /nothing to commit|nothing added to commit|no changes added to commit/,
    'conflict',
    () => 'Nothing is staged, so there is nothing to commit.',
  ],
  [/No space left on device|Disk quota exceeded/, 'no-space', () => 'The disk is full. Empty the bin or delete what is not needed.'],
];

/** @param what completes "could not …" */
export function failureOf(what: string, said: string): Problem {
  const text = tidy(said);
  for (const [pattern, code, detail] of readings) {
    const match = pattern.exec(text);
    if (match) return new Problem(code, detail(match, text));
  }
  const why = mostLines(text, 6);
  return new Problem('git-failed', `Git could not ${what}${why ? `: ${why}` : ', and did not say why'}.`);
}
