/** How Git's state is printed. */
import type { GitFile, GitStatus } from '@bine/shared';
import { nameText } from '../terminal.ts';
import type { Terminal } from '../terminal.ts';
import type { Context } from '../verb.ts';

const statusWidth = 16;

/** `main, 2 ahead of and 1 behind origin/main` */
function standing({ branch, head, upstream, ahead, behind }: GitStatus): string {
  const at = branch ?? (head === null ? 'no branch' : `commit ${head.slice(0, 12)}, no branch`);
  if (branch !== null && head === null) return `${at}, no commit yet`;
  if (upstream === null) return branch === null ? at : `${at}, not pushed anywhere yet`;
  const parts = [ahead ? `${ahead} ahead of` : '', behind ? `${behind} behind` : ''].filter(Boolean);
  return `${at}, ${parts.length > 0 ? parts.join(' and ') : 'level with'} ${upstream}`;
}

export function showStatus(status: GitStatus, { terminal, command }: Pick<Context, 'terminal' | 'command'>): void {
  const { conflicts, staged, changes, untracked, underway, locked, more, notice } = status;
  terminal.print(`On ${terminal.style('bold', standing(status))}`);
  if (underway)
    terminal.print(`A ${underway} is under way: mend and stage its conflicts, then "${command} git continue"; or "git skip", "git abort".`);
  if (notice) terminal.print(notice);
  if (locked) terminal.print(`Locked since ${locked} by a Git that is gone, or still works: "${command} git unlock" removes the lock.`);
  const sections = [
    ['Conflicts', conflicts, 'red'],
    ['Staged', staged, 'green'],
    ['Changes', changes, 'yellow'],
    ['New', untracked, 'yellow'],
  ] as const;
  for (const [title, files, colour] of sections) showFiles(terminal, { title, files, colour });
  if (more) terminal.print('… and more files than are listed.');
  if (sections.every(([, files]) => files.length === 0)) terminal.print('Nothing to commit.');
}

type Section = { title: string; files: readonly GitFile[]; colour: 'red' | 'green' | 'yellow' };

function showFiles(terminal: Terminal, { title, files, colour }: Section): void {
  if (files.length === 0) return;
  terminal.print(`${title}:`);
  for (const { path, status, from } of files) {
    const word = status === 'untracked' ? '' : status.padEnd(statusWidth);
    terminal.print(`  ${terminal.style(colour, word)}${from === null ? '' : `${nameText(from)} → `}${nameText(path)}`);
  }
}

/** A patch with its lines coloured, where colours are wanted. */
export function showPatch(patch: string, terminal: Terminal): void {
  const colour = (line: string) => {
    if (/^(diff|index|---|\+\+\+|new file|deleted file|similarity|rename) ?/.test(line)) return terminal.style('bold', line);
    if (line.startsWith('@@')) return terminal.style('cyan', line);
    if (line.startsWith('+')) return terminal.style('green', line);
    return line.startsWith('-') ? terminal.style('red', line) : line;
  };
  if (patch !== '') terminal.print(patch.replace(/\n$/, '').split('\n').map(colour).join('\n'));
}
