/**
 * A snapshot of a folder: each file by the hash of its content, as the user sees it now. Knows nothing of where the folder
 * is; the editor takes it of any folder that VS Code opens, the command line of folders of this machine.
 */
import { createHash } from 'node:crypto';
import type { SnapshotEntry } from '@bine/shared';
import { Problem } from '@bine/shared/problems';
import type { GitFiles } from './git-files.ts';
import { createLeftOut } from './left-out.ts';
import { type Item, walk } from './walk.ts';

type Named = { name: string; mode: number; size: number };
/** A link is what it leads to: `target` is its path in the folder, unless it leads out of it (`outside`). */
export type Found =
  | (Named & { type: 'file' | 'directory'; target?: string; outside?: true })
  | (Named & { type: 'other'; problem: string });

/** Paths are relative to the folder, with `/` between names; `''` is the folder itself. */
export type Folder = {
  /** How a user calls it, for what is said about it. */
  name: string;
  list(path: string): Promise<Found[]>;
  /** The names alone, of folders with any number of them. */
  names(path: string): Promise<string[]>;
  read(path: string): Promise<Blob>;
  /** What Git would have of it; null: it is in no repository. @throws Error when Git cannot tell */
  git?(signal: AbortSignal): Promise<GitFiles | null>;
};

export type Snapshot = {
  entries: SnapshotEntry[];
  /** Opens a content by its hash. */
  contents: ReadonlyMap<string, () => Promise<Blob>>;
  /** Of all files together. */
  bytes: number;
  /** What was left out, a sentence for each reason. */
  warnings: string[];
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

/** @throws Problem too-large, that names what is big; not-found when the program is not there */
export async function takeSnapshot(options: SnapshotOptions): Promise<Snapshot> {
  const { folder, program, unsaved = new Map<string, Uint8Array>(), signal, report = () => {}, limits: most = limits } = options;
  const leftOut = createLeftOut();
  const items = await walk({ folder, program, unsaved, limits: most, leftOut, signal });
  addUnsaved(items, unsaved, program);
  if (!items.some(({ path, type }) => path === program && type === 'file')) {
    throw new Problem('not-found', `There is no file "${program}" in ${folder.name}.`);
  }
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
    const content = await digestOf(open).catch((error: unknown) => {
      if (path === program) throw error;
      leftOut.add('because they cannot be read', path);
      return null;
    });
    if (!content) continue;
    entries.push({ path, type, mode, ...content });
    contents.set(content.sha256, open);
    bytes += content.size;
    report(++files);
  }
  return { entries, contents, bytes, warnings: leftOut.sentences() };
}

/** A program that is open in an editor and no longer on the disk is still what the user sees. */
function addUnsaved(items: Item[], unsaved: ReadonlyMap<string, Uint8Array>, program: string): void {
  const held = unsaved.get(program);
  if (!held || items.some(({ path }) => path === program)) return;
  items.push({ path: program, type: 'file', mode: 0o644, size: held.byteLength });
}

/** In pieces, because WebCrypto would take a large file whole. */
async function digestOf(open: () => Promise<Blob>): Promise<{ sha256: string; size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of (await open()).stream()) {
    hash.update(chunk);
    size += chunk.byteLength;
  }
  return { sha256: hash.digest('hex'), size };
}
