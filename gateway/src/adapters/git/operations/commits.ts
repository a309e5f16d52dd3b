/** Commits: made, listed, and what changed in them. */
import type { GitCommit } from '@bine/shared';
import { toTime } from '../../../lib/time.ts';
import { nothing, records } from '../operation.ts';
import type { Answer, Operation } from '../operation.ts';

const fields = ['%H', '%P', '%an', '%ae', '%at', '%D', '%s', '%b'];

type LogOptions = { ref: string; path: string; limit: number; skip: number };

/** @param ref a hash, or the full name of a reference */
export function log({ ref, path, limit, skip }: LogOptions): Operation<GitCommit[]> {
  const which = [`--max-count=${limit}`, `--skip=${skip}`, '--end-of-options', ref, '--', ...(path ? [path] : [])];
  return {
    what: 'list commits',
    arguments: [
      'log',
      '--no-show-signature',
      '--decorate=short',
      '--no-color',
      `--format=tformat:${fields.map((field) => `${field}%x00`).join('')}`,
      ...which,
    ],
    reads: true,
    most: 16 * 2 ** 20,
    parse: parseLog,
  };
}

export function parseLog({ text }: Pick<Answer, 'text'>): GitCommit[] {
  return records(text, fields.length).map(([hash, parents, name, email, time, refs, subject, body]) => ({
    hash: hash!,
    parents: parents!.split(' ').filter(Boolean),
    author: { name: name!, email: email! },
    time: timeOf(time!),
    subject: subject!,
    body: body!.trimEnd(),
    refs: refs!
      .split(', ')
      .map((ref) => ref.replace(/^(?:HEAD -> |tag: )/, ''))
      .filter((ref) => ref !== '' && ref !== 'HEAD'),
  }));
}

/** Anybody can write any time into a commit, also one that no date can say. */
export function timeOf(seconds: string): string {
  const given = Number(seconds);
  return toTime(Number.isFinite(given) ? Math.min(Math.max(given, -62_135_596_800), 253_402_300_799) : 0);
}

/** An amended commit with an empty message keeps its own. */
export function commit({ message, amend }: { message: string; amend: boolean }): Operation<void> {
  const isKept = amend && message.trim() === '';
  const how = ['--no-verify', '--no-gpg-sign', '--cleanup=whitespace', ...(amend ? ['--amend'] : [])];
  return {
    what: 'commit',
    arguments: ['commit', '--quiet', ...how, ...(isKept ? ['--no-edit'] : ['--file=-'])],
    input: isKept ? '' : message,
    parse: nothing,
  };
}

/** null: there is none of that name. */
export function resolveCommit(ref: string): Operation<string | null> {
  return {
    what: 'find a commit',
    arguments: ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`],
    reads: true,
    otherwise: [1, 128],
    parse: ({ code, text }) => (code === 0 ? text.trim() : null),
  };
}

export const mostOfPatch = 2 ** 20;

export function diff({ of, path }: { of: 'changes' | 'staged'; path: string }): Operation<{ patch: string; more: boolean }> {
  const how = ['--no-ext-diff', '--no-textconv', '--no-color', '--ignore-submodules=dirty', '--find-renames'];
  return {
    what: 'compare',
    arguments: ['diff', ...how, ...(of === 'staged' ? ['--cached'] : []), '--', ...(path ? [path] : [])],
    reads: true,
    most: mostOfPatch,
    parse: ({ text, cut }) => ({ patch: text, more: cut }),
  };
}

/** @param ref '' for what is staged. null: no such file */
export function blob(ref: string, path: string): Operation<{ hash: string; size: number } | null> {
  return {
    what: 'find a file',
    arguments: ['cat-file', '--batch-check=%(objectname) %(objecttype) %(objectsize)'],
    input: `${ref}:${path}\n`,
    reads: true,
    parse({ text }) {
      const found = /^([0-9a-f]{40,64}) blob (\d+)\n$/.exec(text);
      return found ? { hash: found[1]!, size: Number(found[2]) } : null;
    },
  };
}

export function blobContent(hash: string, most: number): Operation<Buffer> {
  return { what: 'read a file', arguments: ['cat-file', 'blob', hash], reads: true, most, parse: ({ stdout }) => stdout };
}
