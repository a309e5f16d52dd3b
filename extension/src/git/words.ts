/** What is said of a repository and its files, in the words and letters of VS Code's own Git. */
import type { GitFile, GitStatus } from '@bine/shared';

export type GroupId = 'merge' | 'index' | 'workingTree' | 'untracked';

export const groups: readonly { id: GroupId; label: string; of: (status: GitStatus) => GitFile[] }[] = [
  { id: 'merge', label: 'Merge Changes', of: ({ conflicts }) => conflicts },
  { id: 'index', label: 'Staged Changes', of: ({ staged }) => staged },
  { id: 'workingTree', label: 'Changes', of: ({ changes }) => changes },
  { id: 'untracked', label: 'Untracked Changes', of: ({ untracked }) => untracked },
];

export type Mark = { letter: string; tooltip: string; color: string; struck: boolean };

/** `staged`: the colour that VS Code has for a change that is. */
const kinds: Record<GitFile['status'], { letter: string; word: string; color: string; staged?: string }> = {
  added: { letter: 'A', word: 'Added', color: 'added' },
  modified: { letter: 'M', word: 'Modified', color: 'modified', staged: 'stageModified' },
  deleted: { letter: 'D', word: 'Deleted', color: 'deleted', staged: 'stageDeleted' },
  renamed: { letter: 'R', word: 'Renamed', color: 'renamed' },
  copied: { letter: 'C', word: 'Copied', color: 'renamed' },
  'type-changed': { letter: 'T', word: 'Type changed', color: 'modified', staged: 'stageModified' },
  untracked: { letter: 'U', word: 'Untracked', color: 'untracked' },
  'both-added': { letter: '!', word: 'Conflict: both added it', color: 'conflicting' },
  'both-modified': { letter: '!', word: 'Conflict: both modified it', color: 'conflicting' },
  'both-deleted': { letter: '!', word: 'Conflict: both deleted it', color: 'conflicting' },
  'added-by-us': { letter: '!', word: 'Conflict: added by us', color: 'conflicting' },
  'added-by-them': { letter: '!', word: 'Conflict: added by them', color: 'conflicting' },
  'deleted-by-us': { letter: '!', word: 'Conflict: deleted by us', color: 'conflicting' },
  'deleted-by-them': { letter: '!', word: 'Conflict: deleted by them', color: 'conflicting' },
};

export function markOf({ status, from }: GitFile, group: GroupId): Mark {
  const { letter, word, color, staged } = kinds[status];
  const said = from ? `${word} from ${from}` : word;
  return {
    letter,
    tooltip: group === 'index' ? `${said}, staged` : said,
    color: `gitDecoration.${(group === 'index' && staged) || color}ResourceForeground`,
    struck: isGone(status),
  };
}

export function isGone(status: GitFile['status']): boolean {
  return status === 'deleted' || status === 'both-deleted';
}

/** There is nothing before it to compare it with. */
export function isNew(status: GitFile['status']): boolean {
  return status === 'added' || status === 'untracked';
}

export function countOf(status: GitStatus): number {
  return groups.reduce((count, { of }) => count + of(status).length, 0);
}

type Place = Pick<GitStatus, 'branch' | 'head'>;

export function headName({ branch, head }: Place): string {
  return branch ?? (head ? head.slice(0, 8) : 'no commit');
}

/** As VS Code marks it: `*` changed, `+` staged, `!` in conflict. */
export function branchText(status: GitStatus): string {
  const icon = status.branch === null ? 'git-commit' : 'git-branch';
  const dirty = status.changes.length + status.untracked.length > 0 ? '*' : '';
  const staged = status.staged.length > 0 ? '+' : '';
  const merging = status.conflicts.length > 0 ? '!' : '';
  const underway = status.underway ? ` (${underways[status.underway]})` : '';
  return `$(${icon}) ${headName(status)}${dirty}${staged}${merging}${underway}`;
}

const underways: Record<NonNullable<GitStatus['underway']>, string> = {
  merge: 'merging',
  rebase: 'rebasing',
  'cherry-pick': 'cherry-picking',
  revert: 'reverting',
  am: 'applying patches',
  bisect: 'bisecting',
};

export type SyncText = { title: string; tooltip: string; does: 'sync' | 'push' };

/** null: there is nothing to be in step with. */
export function syncText(status: GitStatus, remote: string | null, busy: string | null): SyncText | null {
  const { branch, upstream, ahead, behind } = status;
  if (branch === null || (remote === null && upstream === null)) return null;
  if (upstream === null) {
    return { title: busy ? '$(sync~spin)' : '$(cloud-upload)', tooltip: busy ?? `Publish branch ${branch}`, does: 'push' };
  }
  const numbers = [behind ? `${behind}↓` : '', ahead ? `${ahead}↑` : ''].filter(Boolean).join(' ');
  const facts = [behind ? `pull ${commits(behind)} from` : '', ahead ? `push ${commits(ahead)} to` : ''].filter(Boolean).join(' and ');
  const tooltip = busy ?? (facts ? `Sync: ${facts} ${upstream}` : `Sync with ${upstream}`);
  return { title: `$(sync${busy ? '~spin' : ''})${numbers ? ` ${numbers}` : ''}`, tooltip, does: 'sync' };
}

function commits(count: number): string {
  return count === 1 ? '1 commit' : `${count} commits`;
}

export function inputPlaceholder(status: Place): string {
  return status.branch === null ? 'Message (Ctrl+Enter to commit)' : `Message (Ctrl+Enter to commit on "${status.branch}")`;
}

/** Such as `2↓ 1↑` beside a branch. */
export function distance({ ahead, behind }: { ahead: number | null; behind: number | null }): string {
  return [behind ? `${behind}↓` : '', ahead ? `${ahead}↑` : ''].filter(Boolean).join(' ');
}

/**
 * Whether a change of a file may change what is said of the repository around it. `path` is in the repository. What Git writes behind
 * the scenes, often and without meaning, is not.
 */
export function matters(path: string): boolean {
  if (path !== '.git' && !path.startsWith('.git/')) return true;
  return !/^\.git\/(objects|logs|lfs|hooks|info)(\/|$)|\.lock$/.test(path);
}

/** The path in the folder; null: it is elsewhere. */
export function within(folder: string, path: string): string | null {
  if (folder === '') return path;
  if (path === folder) return '';
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : null;
}

/** Whether a repository may have come or gone, of those that are known. */
export function movesRepository({ path, type }: { path: string; type: string }, known: readonly string[]): boolean {
  if (/(^|\/)\.git(\/HEAD)?$/.test(path)) return type !== 'changed';
  return type === 'deleted' && known.some((folder) => within(path, folder) !== null);
}
