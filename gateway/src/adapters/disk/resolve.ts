/**
 * From a path to descriptors, name by name and never through a link that the kernel would follow by itself: each link is
 * read and walked here, so whatever a program swaps meanwhile, every step stands in a folder that was reached
 * from the project's folder.
 */
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Problem } from '@bine/shared/problems';
import { codeOf, describeHandle, openEntry, openFolder, openSubfolder, readLink } from './descriptors.ts';
import { quote } from './errors.ts';

/** What a path leads to; `entry` and `stats` are null when nothing is there (yet). */
export type Place = {
  directory: FileHandle;
  /** null: `directory` itself, as for the path of the project's folder. */
  name: string | null;
  /** The names from the project's folder without any link. */
  real: string[];
  entry: FileHandle | null;
  stats: BigIntStats | null;
  /** A link stood at the end of the path. */
  link: boolean;
  [Symbol.asyncDispose](): Promise<void>;
};
/** A place that has a name in a folder: anything but the project's folder itself. */
export type NamedPlace = Place & { name: string };

type Walk = {
  root: string;
  asked: string[];
  directory: FileHandle;
  done: string[];
  todo: string[];
  links: number;
  steps: number;
  link: boolean;
};

/** Where a container sees its project: absolute links written there mean this folder. */
const insideContainers = '/project';
/** As Linux has it. */
const mostLinks = 40;
/** Above any honest path of 4096 characters, below what links of links can grow to. */
const mostSteps = 10_000;

/**
 * @param last what to do with a link at the end of the path
 * @throws Problem not-found when a folder on the way is missing; path-refused when the path leaves the project
 */
export async function resolve(root: string, names: readonly string[], last: 'follow' | 'keep'): Promise<Place> {
  const directory = await openFolder(root);
  const walk: Walk = { root, asked: [...names], directory, done: [], todo: [...names], links: 0, steps: 0, link: false };
  try {
    for (;;) {
      const name = walk.todo.shift();
      if (name === undefined) return placeOf(walk, { name: null, entry: walk.directory, stats: await describeHandle(walk.directory) });
      if (walk.steps++ > mostSteps) throw refused(walk, 'its links never come to an end');
      const place = name === '..' ? await climb(walk) : await step(walk, name, last);
      if (place) return place;
    }
  } catch (error) {
    await walk.directory.close();
    throw error;
  }
}

/** The folder at `names` if no link is on the way; null otherwise. */
export async function openExactly(root: string, names: readonly string[]): Promise<FileHandle | null> {
  let directory = await openFolder(root).catch(onlyMissing);
  for (const name of names) {
    if (!directory) return null;
    await using parent = directory;
    directory = await openSubfolder({ directory: parent, name }).catch(onlyMissing);
  }
  return directory;
}

async function step(walk: Walk, name: string, last: 'follow' | 'keep'): Promise<Place | null> {
  const spot = { directory: walk.directory, name };
  const atEnd = walk.todo.length === 0;
  const entry = await openEntry(spot);
  if (!entry && atEnd) return placeOf(walk, { name, entry, stats: null });
  if (!entry) throw new Problem('not-found', `${quote(walk.asked)} does not exist: there is no folder ${quote([...walk.done, name])}.`);
  let kept = false;
  try {
    const stats = await describeHandle(entry);
    kept = atEnd && !(stats.isSymbolicLink() && last === 'follow');
    if (kept) return placeOf(walk, { name, entry, stats });
    if (stats.isSymbolicLink()) {
      await expand(walk, { name, atEnd });
      return null;
    }
    if (!stats.isDirectory())
      throw new Problem('not-found', `${quote(walk.asked)} does not exist: ${quote([...walk.done, name])} is not a folder.`);
    kept = true;
    await walk.directory.close();
    walk.directory = entry;
    walk.done.push(name);
    return null;
  } finally {
    if (!kept) await entry.close();
  }
}

/** Puts a link's names in its place. */
async function expand(walk: Walk, { name, atEnd }: { name: string; atEnd: boolean }): Promise<void> {
  if (++walk.links > mostLinks) throw refused(walk, `it goes through more than ${mostLinks} links, or through links that lead in a circle`);
  const target = await readLink({ directory: walk.directory, name }).catch((error: unknown) => {
    // No link any more: the next step sees what it is now.
    if (codeOf(error) === 'EINVAL' || codeOf(error) === 'ENOENT') return name;
    throw error;
  });
  const inside =
    target === insideContainers ? '' : target.startsWith(`${insideContainers}/`) ? target.slice(insideContainers.length) : null;
  if (target.startsWith('/')) {
    if (inside === null) throw leaves(walk, name);
    await restart(walk, []);
  }
  const added = (inside ?? target).split('/').filter((part) => part !== '' && part !== '.');
  walk.todo.unshift(...added);
  if (atEnd) walk.link = true;
}

/** A `..` in a link: walked again from the project's folder, since the parent of a folder may have changed. */
async function climb(walk: Walk): Promise<null> {
  if (walk.done.length === 0) throw leaves(walk, '..');
  await restart(walk, walk.done.slice(0, -1));
  return null;
}

async function restart(walk: Walk, names: string[]): Promise<void> {
  const root = await openFolder(walk.root);
  await walk.directory.close();
  walk.directory = root;
  walk.todo.unshift(...names);
  walk.done = [];
}

function placeOf(walk: Walk, found: Pick<Place, 'name' | 'entry' | 'stats'>): Place {
  const { directory, link } = walk;
  return {
    ...found,
    directory,
    link,
    real: found.name === null ? walk.done : [...walk.done, found.name],
    async [Symbol.asyncDispose]() {
      await directory.close();
      if (found.entry !== directory) await found.entry?.close();
    },
  };
}

const refused = (walk: Walk, why: string): Problem => new Problem('path-refused', `${quote(walk.asked)} is refused: ${why}.`);
const leaves = (walk: Walk, name: string): Problem =>
  refused(
    walk,
    name === '..'
      ? 'it goes through a link that leads out of the project'
      : `the link ${quote([...walk.done, name])} leads out of the project`,
  );

function onlyMissing(error: unknown): null {
  if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(error) ?? '')) return null;
  throw error;
}
