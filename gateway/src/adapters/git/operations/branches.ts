/** Branches and other references. */
import type { GitBranch } from '@bine/shared';
import { nothing, records } from '../operation.ts';
import type { Answer, Operation } from '../../../ports/git/operation.ts';
import { timeOf } from './commits.ts';
import type { Move, Ref } from '../../../ports/git/commands.ts';

const branchFields = [
  'refname',
  'HEAD',
  'objectname',
  'contents:subject',
  'committerdate:unix',
  'upstream',
  'upstream:track,nobracket',
  'symref',
];
const mostRefs = 5000;

const format = (fields: readonly string[]): string => `--format=${fields.map((field) => `%(${field})%00`).join('')}`;

export const branches: Operation<GitBranch[]> = {
  what: 'list branches',
  arguments: ['for-each-ref', `--count=${mostRefs}`, '--sort=-committerdate', format(branchFields), 'refs/heads', 'refs/remotes'],
  reads: true,
  parse: parseBranches,
};

export function parseBranches({ text }: Pick<Answer, 'text'>): GitBranch[] {
  const all = records(text, branchFields.length).flatMap(([name, head, hash, subject, time, upstream, track, symref]) => {
    // origin/HEAD only says which branch the server thinks of first.
    if (symref) return [];
    const isGone = track === 'gone';
    const count = (what: string) => (!upstream || isGone ? null : Number(new RegExp(`${what} (\\d+)`).exec(track!)?.[1] ?? 0));
    return {
      name: shortName(name!),
      remote: name!.startsWith('refs/remotes/'),
      current: head === '*',
      hash: hash!,
      subject: subject!,
      time: timeOf(time!),
      upstream: upstream ? shortName(upstream) : null,
      ahead: count('ahead'),
      behind: count('behind'),
    };
  });
  return all.sort((one, other) => Number(one.remote) - Number(other.remote));
}

export const shortName = (ref: string): string => ref.replace(/^refs\/(?:heads|remotes|tags)\//, '');

/** @param under whole names, or folders of them */
export function listRefs(under: readonly string[]): Operation<Ref[]> {
  return {
    what: 'list references',
    arguments: ['for-each-ref', format(['refname', 'objectname', 'symref']), ...under],
    reads: true,
    parse: ({ text }) => records(text, 3).flatMap(([name, hash, symref]) => (symref ? [] : { name: name!, hash: hash! })),
  };
}

export function moveRefs(moves: readonly Move[], why: string): Operation<void> {
  const zero = '0'.repeat(40);
  const line = ({ name, hash, old }: Move) => {
    const before = old === undefined ? '' : `\0${old ?? zero}`;
    return hash === null ? `delete ${name}${before || '\0'}\0` : `update ${name}\0${hash}${before || '\0'}\0`;
  };
  return {
    what: 'move references',
    arguments: ['update-ref', '-m', why, '-z', '--stdin'],
    input: moves.map(line).join(''),
    parse: nothing,
  };
}

/** null: a commit is checked out, not a branch. The branch may have no commit yet. */
export const currentBranch: Operation<string | null> = {
  what: 'see what is checked out',
  arguments: ['symbolic-ref', '--quiet', 'HEAD'],
  reads: true,
  otherwise: [1, 128],
  parse: ({ code, text }) => (code === 0 && text.startsWith('refs/heads/') ? text.trim().slice('refs/heads/'.length) : null),
};

export const pointHead = (branch: string): Operation<void> => ({
  what: 'choose a branch',
  arguments: ['symbolic-ref', 'HEAD', `refs/heads/${branch}`],
  parse: nothing,
});

export const pointRemoteHead = (remote: string, branch: string): Operation<void> => ({
  what: 'note the default branch',
  arguments: ['symbolic-ref', `refs/remotes/${remote}/HEAD`, `refs/remotes/${remote}/${branch}`],
  parse: nothing,
});

export const isBranchName = (name: string): Operation<boolean> => ({
  what: 'check a name',
  arguments: ['check-ref-format', `refs/heads/${name}`],
  reads: true,
  otherwise: [1, 128],
  parse: ({ code }) => code === 0,
});

export const createBranch = (name: string, hash: string): Operation<void> => ({
  what: 'create the branch',
  arguments: ['branch', '--no-track', '--end-of-options', name, hash],
  parse: nothing,
});

export const renameBranch = (name: string, to: string): Operation<void> => ({
  what: 'rename the branch',
  arguments: ['branch', '--move', '--end-of-options', name, to],
  configures: true,
  parse: nothing,
});

export const deleteBranch = (name: string, force: boolean): Operation<void> => ({
  what: 'delete the branch',
  arguments: ['branch', '--delete', ...(force ? ['--force'] : []), '--end-of-options', name],
  configures: true,
  parse: nothing,
});

export const switchTo = (target: { branch: string } | { commit: string } | { create: string; from: string }): Operation<void> => {
  const what = 'check it out';
  const how = ['switch', '--quiet', '--no-guess', '--no-progress', '--no-recurse-submodules'];
  if ('branch' in target) return { what, arguments: [...how, target.branch], deadline: checkoutDeadline, parse: nothing };
  if ('commit' in target) return { what, arguments: [...how, '--detach', target.commit], deadline: checkoutDeadline, parse: nothing };
  return { what, arguments: [...how, '--no-track', '--create', target.create, target.from], deadline: checkoutDeadline, parse: nothing };
};

const checkoutDeadline = 1_800_000;
