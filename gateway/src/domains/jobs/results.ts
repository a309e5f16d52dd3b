/** The files that an execution left, a page at a time. Programs can leave any number of them, under any name. */
import type { Results } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { NamedEntry } from '../../adapters/disk/entries.ts';
import type { Folder } from '../../adapters/disk/folder.ts';
import { toTime } from '../../lib/time.ts';
import { parsePath } from '../files/path.ts';

export type Page = { after: string; limit: number };

const deepest = 100;
/** Far above what a person would look at, below what would exhaust the memory. */
const most = 200_000;
const mostUnnameable = 20;

type Found = { path: string; entry: NamedEntry };

export async function listResults(folder: Pick<Folder, 'list'>, { after, limit }: Page): Promise<Results> {
  const found: Found[] = [];
  const unnameable: string[] = [];
  for await (const one of filesIn(folder)) {
    if (isNameable(one.path)) found.push(one);
    else if (unnameable.length < mostUnnameable) unnameable.push(one.path);
    if (found.length >= most) break;
  }
  found.sort((one, other) => (one.path < other.path ? -1 : 1));
  const page = found.filter(({ path }) => path > after).slice(0, limit);
  return {
    results: page.map(({ path, entry }) => ({ path, size: entry.size, modified: toTime(entry.modified / 1000) })),
    total: found.length,
    unnameable,
  };
}

async function* filesIn(folder: Pick<Folder, 'list'>): AsyncGenerator<Found> {
  const left: string[][] = [[]];
  for (let names = left.pop(); names; names = left.pop()) {
    for (const entry of await folder.list(names).catch(gone)) {
      const path = [...names, entry.name];
      if (entry.type === 'directory' && !entry.link && path.length < deepest) left.push(path);
      if (entry.type === 'file' && !entry.link) yield { path: path.join('/'), entry };
    }
  }
}

function isNameable(path: string): boolean {
  try {
    parsePath(path);
    return true;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}

/** It has not begun, or the program deletes while we look. */
function gone(error: unknown): [] {
  if (error instanceof Problem) return [];
  throw error;
}
