/** Bringing commits together, putting changes aside, and going back from either. */
import type { GitStash } from '@bine/shared';
import { failureOf } from '../failures.ts';
import { nothing, records } from '../operation.ts';
import type { Operation } from '../../../ports/git/operation.ts';
import { timeOf } from './commits.ts';
import type { Theirs, Underway } from '../../../ports/git/commands.ts';

const deadline = 1_800_000;

/** true: done; false: some files are in conflict, and the merge is under way. */
export const merge = ({ hash, name }: Theirs): Operation<boolean> => ({
  what: 'merge',
  arguments: ['merge', '--quiet', '--no-stat', '--no-verify', '--ff', '-m', `Merge remote-tracking branch '${name}'`, hash],
  environment: { [`GITHEAD_${hash}`]: name },
  deadline,
  otherwise: [1],
  parse: unlessConflict('merge'),
});

/** Only where it adds no commit. */
export const goForward = ({ hash }: Theirs): Operation<void> => ({
  what: 'go forward',
  arguments: ['merge', '--quiet', '--no-stat', '--no-verify', '--ff-only', hash],
  deadline,
  parse: nothing,
});

/** Whether everything that the one has is in the other. */
export const isAncestor = (one: string, other: string): Operation<boolean> => ({
  what: 'compare two commits',
  arguments: ['merge-base', '--is-ancestor', one, other],
  reads: true,
  otherwise: [1],
  parse: ({ code }) => code === 0,
});

export const rebase = ({ hash }: Theirs): Operation<boolean> => ({
  what: 'rebase',
  arguments: ['rebase', '--quiet', '--no-stat', '--no-autostash', '--no-verify', hash],
  deadline,
  otherwise: [1],
  parse: unlessConflict('rebase'),
});

/** Exit code 1 is a conflict only where Git says so; else it is a failure like others. */
function unlessConflict(what: string): Operation<boolean>['parse'] {
  return ({ code, text, stderr }) => {
    if (code === 0) return true;
    if (
      /^CONFLICT|Automatic merge failed|could not apply|could not revert|Patch failed at|after resolving the conflicts/m.test(
        `${text}\n${stderr}`,
      )
    )
      return false;
    throw failureOf(what, `${stderr}\n${text}`);
  };
}

export const abort = (underway: Underway): Operation<void> => ({
  what: `go back to before the ${underway}`,
  arguments: underway === 'bisect' ? ['bisect', 'reset'] : [underway, '--abort'],
  deadline,
  parse: nothing,
});

/** What Git has a word for; a bisection has no next commit to go on with. */
const ways: Record<'continue' | 'skip', Partial<Record<Underway, string[]>>> = {
  continue: {
    merge: ['merge', '--continue'],
    rebase: ['rebase', '--continue'],
    'cherry-pick': ['cherry-pick', '--continue'],
    revert: ['revert', '--continue'],
    am: ['am', '--continue'],
  },
  skip: {
    rebase: ['rebase', '--skip'],
    'cherry-pick': ['cherry-pick', '--skip'],
    revert: ['revert', '--skip'],
    am: ['am', '--skip'],
    bisect: ['bisect', 'skip'],
  },
};

/** null: there is no such way. true: it went on; false: to the next conflict. */
export function proceed(how: 'continue' | 'skip', underway: Underway): Operation<boolean> | null {
  const words = ways[how][underway];
  return words
    ? {
        what: `${how === 'skip' ? 'skip a commit of' : 'go on with'} the ${underway}`,
        arguments: words,
        deadline,
        // `am` ends with 128 where a patch does not fit.
        otherwise: [1, 128],
        parse: unlessConflict(`go on with the ${underway}`),
      }
    : null;
}

export const listStashes: Operation<GitStash[]> = {
  what: 'list what was put aside',
  arguments: ['stash', 'list', '--max-count=1000', '--format=tformat:%H%x00%ct%x00%gs%x00'],
  reads: true,
  otherwise: [128],
  parse: ({ text }) =>
    records(text, 3).map(([hash, time, message], index) => ({
      index,
      hash: hash!,
      time: timeOf(time!),
      message: message!.replace(/^On [^:]*: /, ''),
    })),
};

export const stash = (message: string, untracked: boolean): Operation<void> => ({
  what: 'put the changes aside',
  // It has Git clean the folder by a pathspec, ":/", which must not be taken for a name.
  arguments: [
    '--no-literal-pathspecs',
    'stash',
    'push',
    ...(untracked ? ['--include-untracked'] : []),
    ...(message ? [`--message=${message}`] : []),
  ],
  deadline,
  parse({ text, stderr }) {
    if (text.includes('No local changes to save')) throw failureOf('put the changes aside', `${text}${stderr}`);
  },
});

/** false: some files are in conflict, and it was kept. */
export const applyStash = (index: number, drop: boolean): Operation<boolean> => ({
  what: 'bring the changes back',
  arguments: ['stash', drop ? 'pop' : 'apply', '--quiet', `stash@{${index}}`],
  deadline,
  otherwise: [1],
  parse: unlessConflict('bring the changes back'),
});

export const dropStash = (index: number): Operation<void> => ({
  what: 'forget what was put aside',
  arguments: ['stash', 'drop', '--quiet', `stash@{${index}}`],
  parse: nothing,
});
