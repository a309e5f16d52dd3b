/** The files that an execution left, a page at a time. Programs can leave any number of them, under any name. */
import type { Result, Results } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { Folder, NamedEntry } from '../../ports/files.ts';
import { toTime } from '../../lib/time.ts';
import { parsePath } from '../files/path.ts';

export type Page = { after: string; limit: number };

const deepest = 100;
/** Far above what a person would look at, below what would exhaust the memory. */
const most = 200_000;
const mostUnnameable = 20;

type Source = Result['source'];
export type ResultFolders = Record<Source, Folder>;

type Found = { path: string; entry: NamedEntry; source: Source };
type Listed = Omit<Results, 'results'> & { results: Omit<Result, 'before'>[] };

/** What was written as a result goes before what has the same path in the folder. */
export async function listResults(folders: Record<Source, Pick<Folder, 'list'>>, { after, limit }: Page): Promise<Listed> {
  const byPath = new Map<string, Found>();
  const unnameable: string[] = [];
  for (const source of ['results', 'folder'] as const) {
    for await (const one of filesIn(folders[source], source)) {
      if (!isNameable(one.path)) {
        if (unnameable.length < mostUnnameable) unnameable.push(one.path);
      } else if (!byPath.has(one.path)) byPath.set(one.path, one);
      if (byPath.size >= most) break;
    }
  }
  const found = [...byPath.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
  const page = found.filter(({ path }) => path > after).slice(0, limit);
  return {
    results: page.map(({ path, entry, source }) => ({ path, size: entry.size, modified: toTime(entry.modified / 1000), source })),
    total: found.length,
    unnameable,
  };
}

async function* filesIn(folder: Pick<Folder, 'list'>, source: Source): AsyncGenerator<Found> {
  const left: string[][] = [[]];
  for (let names = left.pop(); names; names = left.pop()) {
    for (const entry of await folder.list(names).catch(gone)) {
      const path = [...names, entry.name];
      if (entry.type === 'directory' && !entry.link && path.length < deepest) left.push(path);
      if (entry.type === 'file' && !entry.link) yield { path: path.join('/'), entry, source };
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
