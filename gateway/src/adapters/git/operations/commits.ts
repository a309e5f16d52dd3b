/** Commits: made, listed, and what changed in them. */
import type { GitCommit } from '@bine/shared';
import { toTime } from '../../../lib/time.ts';
import { nothing, records } from '../operation.ts';
import type { Answer, Operation } from '../../../ports/git/operation.ts';

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

const mostOfStaged = 64 * 2 ** 20;

/** Files in which the next commit adds the marks that Git leaves in a conflict, with the line of the first. */
export const stagedMarkers: Operation<{ path: string; line: number }[]> = {
  what: 'look for the marks of conflicts',
  arguments: ['diff', '--cached', '--unified=0', '--no-ext-diff', '--no-textconv', '--no-color', '--no-renames', '--ignore-submodules=all'],
  reads: true,
  most: mostOfStaged,
  parse: ({ text }) => parseMarkers(text),
};

/** All three of them, in their order: a line of seven = alone underlines a heading. */
export function parseMarkers(patch: string): { path: string; line: number }[] {
  const found = new Map<string, number>();
  let [path, line, begun, middle] = ['', 0, 0, false];
  for (const text of patch.split('\n')) {
    if (text.startsWith('diff --git ')) [path, begun, middle] = ['', 0, false];
    else if (path === '' && text.startsWith('+++ ')) path = text.slice(4).replace(/^b\//, '').replace(/\t$/, '');
    else if (text.startsWith('@@ ')) line = Number(/\+(\d+)/.exec(text)?.[1] ?? 1) - 1;
    else if (path !== '' && text.startsWith('+')) {
      line += 1;
      if (/^\+<{7}( |\r?$)/.test(text)) [begun, middle] = [line, false];
      else if (begun > 0 && /^\+={7}\r?$/.test(text)) middle = true;
      else if (begun > 0 && middle && /^\+>{7}( |\r?$)/.test(text)) {
        if (!found.has(path)) found.set(path, begun);
        begun = 0;
      }
    }
  }
  return [...found].map(([path, line]) => ({ path, line }));
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
