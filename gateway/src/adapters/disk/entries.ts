/** What stands at a path or in a folder, described without ever following a link out of the project. */
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Problem } from '@bine/shared/problems';
import { childrenOf, describe, textOf } from './descriptors.ts';
import { explained, quote } from './errors.ts';
import { resolve } from './resolve.ts';
import type { Place } from './resolve.ts';
import type { Entry, EntryType, ListedPage, NamedEntry, Page } from '../../ports/files.ts';

/** How many descriptions are asked for at once: enough to keep the threads busy, few enough to leave others a turn. */
const batchSize = 256;
/** Far above any folder that a person looks at, below what would exhaust the memory. */
const mostNames = 200_000;

export function typeOf(stats: BigIntStats): EntryType {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

export function entryOf(stats: BigIntStats, link = false): Entry {
  const type = typeOf(stats);
  return {
    type,
    // Some file systems let a program claim more bytes than a number can count.
    size: type === 'file' ? Math.min(Number(stats.size), Number.MAX_SAFE_INTEGER) : 0,
    created: Number(stats.birthtimeMs),
    modified: Number(stats.mtimeMs),
    // Not the content, which would have to be read, but all that the kernel changes with it.
    version: [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].map((part) => part.toString(36)).join('-'),
    link,
    executable: type === 'file' && (stats.mode & 0o100n) !== 0n,
  };
}

export async function statEntry(root: string, names: readonly string[]): Promise<Entry> {
  await using place = await resolve(root, names, 'keep');
  if (!place.stats) throw new Problem('not-found', `${quote(names)} does not exist.`);
  return place.stats.isSymbolicLink() ? ((await followed(root, names)) ?? entryOf(place.stats)) : entryOf(place.stats);
}

/** Names that are no valid UTF-8 are left out: no path could say them. Sockets and the like are listed as `other`. */
export async function listEntries(root: string, names: readonly string[]): Promise<NamedEntry[]> {
  await using place = await resolve(root, names, 'follow');
  const directory = folderAt(place, names);
  return await describeAll({ root, names: place.real, directory }, await namesIn(directory, names));
}

/** In the order of UTF-16 code units: a page begins where the one before ended, whatever came and went meanwhile. */
export async function listPage(root: string, names: readonly string[], page: Page): Promise<ListedPage> {
  await using place = await resolve(root, names, 'follow');
  const directory = folderAt(place, names);
  const { first, total } = await namesAfter(directory, page);
  const found = first.slice(0, page.limit);
  const entries = await describeAll({ root, names: place.real, directory }, found);
  return { entries, next: first.length > found.length ? found.at(-1)! : null, total };
}

function folderAt({ stats, entry }: Place, names: readonly string[]): FileHandle {
  if (!stats || !entry) throw new Problem('not-found', `${quote(names)} does not exist.`);
  if (!stats.isDirectory()) throw new Problem('conflict', `${quote(names)} is not a folder; read its content instead of listing it.`);
  return entry;
}

type Described = { root: string; names: string[]; directory: FileHandle };

async function describeAll(folder: Described, found: readonly string[]): Promise<NamedEntry[]> {
  const entries: NamedEntry[] = [];
  for (let start = 0; start < found.length; start += batchSize) {
    const batch = found.slice(start, start + batchSize);
    const described = await Promise.all(batch.map((name) => entryIn({ ...folder, name })));
    entries.push(...described.filter((entry) => entry !== null));
  }
  return entries;
}

async function entryIn(child: Described & { name: string }): Promise<NamedEntry | null> {
  const { root, names, directory, name } = child;
  const stats = await describe({ directory, name });
  if (!stats) return null;
  const target = stats.isSymbolicLink() ? await followed(root, [...names, name]) : null;
  return { ...(target ?? entryOf(stats)), name };
}

/** What a link leads to; null when it leads nowhere, out of the project or in a circle. */
async function followed(root: string, names: readonly string[]): Promise<Entry | null> {
  try {
    await using target = await explained(names, () => resolve(root, names, 'follow'));
    return target.stats && entryOf(target.stats, true);
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

/** `first`: one more than asked for, if there is one. No more than two pages are held and sorted at a time, however large the folder. */
async function namesAfter(directory: FileHandle, { after = '', limit }: Page): Promise<{ first: string[]; total: number }> {
  const wanted = limit + 1;
  let first: string[] = [];
  let total = 0;
  let bound: string | undefined;
  for await (const child of childrenOf(directory)) {
    const name = textOf(child.name);
    if (name === null) continue;
    total += 1;
    if (name <= after || (bound !== undefined && name >= bound)) continue;
    first.push(name);
    if (first.length < 2 * wanted) continue;
    first = firstOf(first, wanted);
    bound = first.at(-1);
  }
  return { first: firstOf(first, wanted), total };
}

const firstOf = (names: string[], count: number): string[] => names.sort().slice(0, count);

async function namesIn(directory: FileHandle, path: readonly string[]): Promise<string[]> {
  const names: string[] = [];
  for await (const child of childrenOf(directory)) {
    const name = textOf(child.name);
    if (name !== null) names.push(name);
    if (names.length <= mostNames) continue;
    throw new Problem('too-large', `${quote(path)} holds more than ${mostNames} names, too many to list; look into it in a terminal.`);
  }
  return names;
}
