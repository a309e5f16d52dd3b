/**
 * A snapshot of a folder: each file by the hash of its content, as the user sees it now. Knows nothing of where the folder
 * is; the editor takes it of any folder that VS Code opens, the command line of folders of this machine.
 */
import { createHash } from 'node:crypto';
import type { SnapshotEntry } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import { type Ignoring, ignoreNothing } from './ignoring.ts';

export type Found = { name: string; type: 'file' | 'directory'; mode: number; size: number };

/** Paths are relative to the folder, with `/` between names; `''` is the folder itself. */
export type Folder = {
  /** How a user calls it, for what is said about it. */
  name: string;
  /** Links to files as those files; no links to folders, so that a folder that leads into itself ends. */
  list(path: string): Promise<Found[]>;
  read(path: string): Promise<Blob>;
};

export type Snapshot = {
  entries: SnapshotEntry[];
  /** Opens a content by its hash. */
  contents: ReadonlyMap<string, () => Promise<Blob>>;
  /** Of all files together. */
  bytes: number;
};

export type SnapshotOptions = {
  folder: Folder;
  /** The program: it goes along, ignored or not. */
  program: string;
  /** What editors hold and the disk does not, by path. */
  unsaved?: ReadonlyMap<string, Uint8Array>;
  signal: AbortSignal;
  limits?: Limits;
  report?: (files: number) => void;
};

export type Limits = { entries: number; bytes: number };

/** More than this is data, which belongs into the project, once, and not into every execution. */
export const limits: Limits = { entries: 50_000, bytes: 500 * 2 ** 20 };

type Item = Found & { path: string };

/** @throws Problem too-large, that names what is big; not-found when the program is not there */
export async function takeSnapshot(options: SnapshotOptions): Promise<Snapshot> {
  const { folder, unsaved = new Map<string, Uint8Array>(), signal, report = () => {} } = options;
  const items = await walk(options, unsaved);
  const entries: SnapshotEntry[] = [];
  const contents = new Map<string, () => Promise<Blob>>();
  let [files, bytes] = [0, 0];
  for (const { path, type, mode } of items) {
    signal.throwIfAborted();
    if (type === 'directory') {
      entries.push({ path, type, mode });
      continue;
    }
    const held = unsaved.get(path);
    const open = held ? () => Promise.resolve(new Blob([held as Uint8Array<ArrayBuffer>])) : () => folder.read(path);
    const { sha256, size } = await digest(await open());
    entries.push({ path, type, mode, sha256, size });
    contents.set(sha256, open);
    bytes += size;
    report(++files);
  }
  return { entries, contents, bytes };
}

/** Everything that goes along, parents before what is in them, each folder in the order of names. */
async function walk(options: SnapshotOptions, unsaved: ReadonlyMap<string, Uint8Array>): Promise<Item[]> {
  const { folder, program, signal, limits: most = limits } = options;
  const items: Item[] = [];
  const count = createCount(folder.name, most);
  const add = (item: Item) => {
    items.push(item);
    count(item);
  };

  async function enter(path: string, mode: number, above: Ignoring): Promise<void> {
    signal.throwIfAborted();
    const found = await folder.list(path);
    const ignoring = found.some(({ name, type }) => name === '.gitignore' && type === 'file')
      ? above.with(path, await textOf(folder, join(path, '.gitignore'), unsaved))
      : above;
    // What makes a folder a virtual environment; it is of this machine and useless on any other.
    if (path !== '' && found.some(({ name }) => name === 'pyvenv.cfg')) return;
    if (path !== '') add({ path, name: '', type: 'directory', mode, size: 0 });
    for (const each of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inside = join(path, each.name);
      const leads = program === inside || program.startsWith(`${inside}/`);
      if (!leads && ignoring.ignores(inside, each.type)) continue;
      if (each.type === 'directory') await enter(inside, each.mode, ignoring);
      else add({ ...each, path: inside, size: unsaved.get(inside)?.byteLength ?? each.size });
    }
  }

  await enter('', 0o755, ignoreNothing);
  addUnsaved(items, unsaved, program);
  if (!items.some(({ path, type }) => path === program && type === 'file')) {
    throw new Problem('not-found', `There is no file "${program}" in ${folder.name}.`);
  }
  return items;
}

/** A program that is open in an editor and no longer on the disk is still what the user sees. */
function addUnsaved(items: Item[], unsaved: ReadonlyMap<string, Uint8Array>, program: string): void {
  const held = unsaved.get(program);
  if (!held || items.some(({ path }) => path === program)) return;
  items.push({ path: program, name: program, type: 'file', mode: 0o644, size: held.byteLength });
}

/** Says no as soon as it is too much, so that nobody waits for the walk of a whole disk. */
function createCount(name: string, most: Limits): (item: Item) => void {
  const byTop = new Map<string, number>();
  let [entries, bytes] = [0, 0];
  return ({ path, size }) => {
    const top = path.split('/')[0]!;
    byTop.set(top, (byTop.get(top) ?? 0) + size);
    bytes += size;
    if (++entries <= most.entries && bytes <= most.bytes) return;
    const what = entries > most.entries ? `more than ${most.entries} files` : `more than ${Math.round(most.bytes / 2 ** 20)} MiB`;
    const [largest = ''] = [...byTop].sort(([, a], [, b]) => b - a)[0] ?? [];
    throw new Problem(
      'too-large',
      `${name} has ${what} to take along, most of it in "${largest}". Put that into .gitignore; upload data into the project, where every job finds it.`,
    );
  };
}

async function textOf(folder: Folder, path: string, unsaved: ReadonlyMap<string, Uint8Array>): Promise<string> {
  const held = unsaved.get(path);
  return held ? new TextDecoder().decode(held) : (await folder.read(path)).text();
}

/** In pieces, because WebCrypto would take a large file whole. */
async function digest(content: Blob): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of content.stream()) {
    hash.update(chunk);
    size += chunk.byteLength;
  }
  return { sha256: hash.digest('hex'), size };
}

export function join(folder: string, name: string): string {
  return folder ? `${folder}/${name}` : name;
}
