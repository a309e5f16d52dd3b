/**
 * Watches a folder and all below it, following no link. Watches are set on descriptors, so that a folder
 * swapped for a link can't lead one out of the project; ready-made recursive watchers set them by path, and drop the
 * news that the kernel's queue overflowed.
 */
import { watch as watchOne } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Problem } from '@bine/shared/problems';
import { createChanges } from '../../lib/changes.ts';
import type { Changes } from '../../lib/changes.ts';
import { delay } from '../../lib/delay.ts';
import { childrenOf, codeOf, describe, describeHandle, self, textOf } from './descriptors.ts';
import type { Flood } from './flood.ts';
import { openExactly } from './resolve.ts';
import type { TreeChange, TreeListener, TreeWatch } from '../../ports/file-changes.ts';

type WatchedFolder = { watcher: FSWatcher | null; id: string; children: Map<string, 'folder' | 'other'> };
type Tree = {
  root: string;
  listener: TreeListener;
  flood: Flood;
  ended: AbortController;
  folders: Map<string, WatchedFolder>;
  /** Folder → names in it that something happened to. */
  touched: Map<string, Set<string>>;
  bell: Changes;
  /** How many names all folders remember. */
  known: number;
  /** Folders that are not watched since the system allows no more. */
  unwatched: number;
  /** Everything must be looked at anew. */
  stale: boolean;
};

/** Milliseconds during which changes are gathered, from the first one. */
const gathering = 75;
/** Milliseconds between two words of caution while not all folders can be watched. */
const cautionEvery = 30_000;
/** Names that are remembered, to tell new from changed; folders beyond are not watched. */
const mostNames = 1_000_000;
/** Folders that are opened at once. */
const atOnce = 32;
/** No path of the contract is longer. */
const longestPath = 4096;

export function watchTree(root: string, flood: Flood, listener: TreeListener): TreeWatch {
  const ended = new AbortController();
  const tree: Tree = {
    root,
    listener,
    flood,
    ended,
    bell: createChanges(),
    folders: new Map(),
    touched: new Map(),
    known: 0,
    unwatched: 0,
    stale: true,
  };
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const endFlood = flood.onFlood(() => {
    tree.stale = true;
    tree.bell.ring();
  });
  const done = run(tree, resolve).catch((error: unknown) => {
    reject(error);
    listener.ended(error);
  });
  // Whoever waits for it sees the error; nobody may.
  ready.catch(() => undefined);
  return {
    ready,
    async [Symbol.asyncDispose]() {
      ended.abort();
      endFlood();
      await done;
      unwatchAll(tree);
    },
  };
}

async function run(tree: Tree, ready: () => void): Promise<void> {
  const { signal } = tree.ended;
  let cautioned = performance.now();
  for (let first = true; !signal.aborted; first = false) {
    if (!first) await somethingHappened(tree);
    if (signal.aborted) break;
    if (tree.stale) {
      await rescan(tree);
      if (first) ready();
      else tree.listener.missed();
    } else {
      const changes = await settle(tree);
      if (changes.length > 0) tree.listener.changes(changes);
    }
    if (tree.unwatched > 0 && performance.now() - cautioned > cautionEvery) {
      cautioned = performance.now();
      tree.listener.missed();
    }
  }
  ready();
}

async function somethingHappened({ touched, stale, bell, ended, unwatched }: Tree): Promise<void> {
  const { signal } = ended;
  if (touched.size === 0 && !stale) await bell.next(unwatched > 0 ? AbortSignal.any([signal, AbortSignal.timeout(cautionEvery)]) : signal);
  await delay(gathering, signal);
}

async function rescan(tree: Tree): Promise<void> {
  unwatchAll(tree);
  tree.stale = false;
  await watchFrom(tree, [], () => undefined);
  if (!tree.folders.has('')) throw gone();
}

/** What became of all that was touched; parents first, since with a parent goes what is in it. */
async function settle(tree: Tree): Promise<TreeChange[]> {
  const changes: TreeChange[] = [];
  const touched = [...tree.touched].sort(([a], [b]) => a.length - b.length);
  tree.touched.clear();
  for (const [key, names] of touched) {
    const folder = tree.folders.get(key);
    if (!folder) continue;
    const path = key === '' ? [] : key.split('/');
    await using handle = await openExactly(tree.root, path);
    const isSame = handle !== null && idOf(await describeHandle(handle)) === folder.id;
    if (!isSame && key === '') throw gone();
    // Moved away or replaced: its parent was touched too.
    if (!handle || !isSame) continue;
    for (const name of names) await settleOne(tree, { folder, handle, path, name }, (change) => changes.push(change));
  }
  return changes;
}

type Touched = { folder: WatchedFolder; handle: FileHandle; path: string[]; name: string };
type Report = (change: TreeChange) => void;

async function settleOne(tree: Tree, { folder, handle, path, name }: Touched, report: Report): Promise<void> {
  const stats = await describe({ directory: handle, name });
  const names = [...path, name];
  const before = folder.children.get(name);
  const now = stats && (stats.isDirectory() ? 'folder' : 'other');
  if (before === 'other' && now === 'other') return report({ type: 'changed', names });
  if (before === 'folder' && now === 'folder' && tree.folders.get(names.join('/'))?.id === idOf(stats!)) return;
  if (before) {
    forget(tree, { folder, names });
    report({ type: 'deleted', names });
  }
  if (!now) return;
  remember(tree, { folder, name, kind: now });
  report({ type: 'created', names });
  if (now === 'folder') await watchFrom(tree, names, report);
}

/** Watches the folder and all in it, breadth first: where not all can be watched, it is the deepest that are not. */
async function watchFrom(tree: Tree, names: readonly string[], report: Report): Promise<void> {
  let level = [names];
  while (level.length > 0) {
    const below: (readonly string[])[] = [];
    for (let start = 0; start < level.length && !tree.ended.signal.aborted; start += atOnce) {
      await Promise.all(level.slice(start, start + atOnce).map((path) => watchLevel(tree, path, { report, below })));
    }
    level = below;
  }
}

/** Adds the folders in it to `below`. */
async function watchLevel(
  tree: Tree,
  path: readonly string[],
  { report, below }: { report: Report; below: (readonly string[])[] },
): Promise<void> {
  const key = path.join('/');
  await using handle = key.length > longestPath ? null : await openExactly(tree.root, path);
  if (!handle) return;
  const folder = await watchFolder(tree, handle, key);
  if (!folder.watcher) return;
  for await (const child of childrenOf(handle)) {
    const name = textOf(child.name);
    if (name === null) continue;
    if (tree.known >= mostNames) return stopWatching(tree, folder);
    const kind = child.isDirectory() ? 'folder' : 'other';
    remember(tree, { folder, name, kind });
    report({ type: 'created', names: [...path, name] });
    if (kind === 'folder') below.push([...path, name]);
  }
}

async function watchFolder(tree: Tree, handle: FileHandle, key: string): Promise<WatchedFolder> {
  const folder: WatchedFolder = { watcher: null, id: idOf(await describeHandle(handle)), children: new Map() };
  tree.folders.set(key, folder);
  try {
    if (tree.known < mostNames) folder.watcher = watchOne(self(handle), { persistent: false }, (_, name) => touch(tree, key, name));
  } catch (error) {
    // The system's limits on watches and descriptors.
    if (!['ENOSPC', 'EMFILE', 'ENFILE'].includes(codeOf(error) ?? '')) throw error;
  }
  if (!folder.watcher) tree.unwatched += 1;
  return folder;
}

/** Too full to be remembered. */
function stopWatching(tree: Tree, folder: WatchedFolder): void {
  folder.watcher?.close();
  folder.watcher = null;
  tree.unwatched += 1;
}

function touch(tree: Tree, key: string, name: string | null): void {
  tree.flood.drop();
  if (name === null || textOf(Buffer.from(name)) === null) return;
  const names = tree.touched.get(key);
  if (names) names.add(name);
  else tree.touched.set(key, new Set([name]));
  tree.bell.ring();
}

function remember(tree: Tree, { folder, name, kind }: { folder: WatchedFolder; name: string; kind: 'folder' | 'other' }): void {
  if (!folder.children.has(name)) tree.known += 1;
  folder.children.set(name, kind);
}

function forget(tree: Tree, { folder, names }: { folder: WatchedFolder; names: string[] }): void {
  if (folder.children.delete(names.at(-1)!)) tree.known -= 1;
  unwatch(tree, names.join('/'));
}

function unwatch(tree: Tree, key: string): void {
  const folder = tree.folders.get(key);
  if (!folder) return;
  tree.folders.delete(key);
  tree.known -= folder.children.size;
  if (folder.watcher) folder.watcher.close();
  else tree.unwatched -= 1;
  for (const [name, kind] of folder.children) if (kind === 'folder') unwatch(tree, key === '' ? name : `${key}/${name}`);
}

function unwatchAll(tree: Tree): void {
  unwatch(tree, '');
  tree.touched.clear();
}

const idOf = (stats: { dev: bigint; ino: bigint }): string => `${stats.dev}:${stats.ino}`;
const gone = (): Problem => new Problem('not-found', "The project's folder is gone, so there is nothing to watch.");
