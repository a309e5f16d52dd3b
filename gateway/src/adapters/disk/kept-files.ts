/**
 * What a program changed or made in the folder of files that it was given, moved out of it before the folder goes. The program may still
 * run and swap names meanwhile: all is reached by descriptors, and links are neither followed nor kept.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, rename, stat, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { at, childrenOf, codeOf, describe, openFolder, openSubfolder, self, textOf } from './descriptors.ts';
import type { Name } from './descriptors.ts';
import type { Kept, KeptLimits } from '../../ports/run-archive.ts';

export type Keeping = KeptLimits & {
  /** The folder that the program was given. */
  folder: string;
  /** A file that was written when the folder was filled and before the program began. */
  mark: string;
  target: string;
};

type Walk = Keeping & { since: bigint; kept: Kept; to: FileHandle };

/** Byte code, and what tools remember for themselves: they are made again. */
const caches = new Set([
  '__pycache__',
  '.pytest_cache',
  '.mypy_cache',
  '.ruff_cache',
  '.ipynb_checkpoints',
  '.cache',
  '.git',
  'node_modules',
]);
const deepest = 100;
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** Written after the folder was filled. */
export const markFilled = (mark: string): Promise<void> => writeFile(mark, '');

/** Files that are left behind stay where they are. Called again, it goes on. */
export async function keepChanged(keeping: Keeping): Promise<Kept> {
  const kept: Kept = { files: 0, bytes: 0, left: { files: 0, bytes: 0 } };
  const marked = await stat(keeping.mark, { bigint: true }).catch(absent);
  const folder = marked && (await openFolder(keeping.folder).catch(absent));
  if (!folder) return kept;
  await using from = folder;
  await mkdir(keeping.target, { recursive: true, mode: 0o700 });
  await using to = await openFolder(keeping.target);
  await walk(from, [], { ...keeping, since: marked.ctimeNs, kept, to });
  return kept;
}

async function walk(folder: FileHandle, names: string[], walking: Walk): Promise<void> {
  for await (const { name: bytes } of childrenOf(folder)) {
    const name = textOf(bytes);
    const spot = { directory: folder, name: name ?? bytes };
    const stats = await describe(spot);
    if (!stats) continue;
    const path = [...names, name ?? ''];
    if (stats.isDirectory() && name !== null && !caches.has(name) && names.length < deepest) {
      const inner = await openSubfolder(spot).catch(swapped);
      if (!inner) continue;
      await using _ = inner;
      await walk(inner, path, walking);
    }
    // Its change time, because programs can set the other one.
    if (!stats.isFile() || stats.ctimeNs <= walking.since || !(await isChanged(spot, path, walking))) continue;
    await keep(spot, { path, size: Number(stats.size), isNamed: name !== null }, walking);
  }
}

type Spot = { directory: FileHandle; name: Name };

/** It may have been touched, or written as it was. */
async function isChanged(spot: Spot, path: string[], { given }: Walk): Promise<boolean> {
  const before = given.get(path.join('/'));
  const file = before && (await open(at(spot), O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(swapped));
  if (!file) return true;
  await using _ = file;
  if ((await file.stat()).size !== before.size) return true;
  const hash = createHash('sha256');
  for await (const chunk of file.createReadStream({ autoClose: false, end: before.size })) hash.update(chunk as Buffer);
  return hash.digest('hex') !== before.sha256;
}

type Found = { path: string[]; size: number; isNamed: boolean };

async function keep(spot: Spot, { path, size, isNamed }: Found, { kept, most, to }: Walk): Promise<void> {
  if (!isNamed || kept.files >= most.files || kept.bytes + size > most.bytes) {
    kept.left.files += 1;
    kept.left.bytes += size;
    return;
  }
  const directory = await makeFolders(to, path.slice(0, -1));
  await using _ = directory;
  const moved = await rename(at(spot), at({ directory, name: path.at(-1)! })).then(() => true, swapped);
  if (!moved) return;
  kept.files += 1;
  kept.bytes += size;
}

/** The last of the folders, made where they are missing. */
async function makeFolders(root: FileHandle, names: readonly string[]): Promise<FileHandle> {
  let folder = await openFolder(`${self(root)}/.`);
  for (const name of names) {
    await using parent = folder;
    await mkdir(at({ directory: parent, name }), 0o700).catch(unlessThere);
    folder = await openSubfolder({ directory: parent, name });
  }
  return folder;
}

function absent(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}

/** The program put something else there, or closed it, while we looked. */
function swapped(error: unknown): null {
  if (['ENOENT', 'ELOOP', 'ENOTDIR', 'ENXIO', 'EACCES', 'EISDIR'].includes(codeOf(error) ?? '')) return null;
  throw error;
}

function unlessThere(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error;
}
