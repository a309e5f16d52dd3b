/** What can be done with the files of one project. `names` is a path, already split. */
import type { BigIntStats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Problem } from '@bine/shared/problems';
import { newId } from '../../lib/id.ts';
import { emptyBin, findBinned, listBinned, putAway, takeOut } from './bin.ts';
import type { Entry, Folder, FromTo, Names } from '../../ports/files.ts';
import { openContent } from './content.ts';
import { copyTree } from './copy-tree.ts';
import { listEntries, listPage, statEntry, typeOf } from './entries.ts';
import { explained, quote } from './errors.ts';
import { install, makeFolders, refuseRoot, write } from './install.ts';
import type { Ground } from './install.ts';
import { discard, removeTree } from './remove-tree.ts';
import { resolve } from './resolve.ts';
import { stageFolder } from './staged-folder.ts';
import type { NamedPlace, Place } from './resolve.ts';

export function createFolder(ground: Ground): Folder {
  const { files } = ground;
  return {
    list: (names) => explained(names, () => listEntries(files, names)),
    listPage: (names, page) => explained(names, () => listPage(files, names, page)),
    stat: (names) => explained(names, () => statEntry(files, names)),
    mkdir: (names) => explained(names, () => makeFolders(ground, names)),
    open: (names) => explained(names, () => openContent(files, names)),
    write: (names, upload) => explained(names, () => write(ground, names, upload)),
    rename: (move, signal) => explained(move.to, () => rename(ground, move, signal)),
    copy: (copying, signal) => explained(copying.to, () => copy(ground, copying, signal)),
    putAway: (names, signal) => explained(names, () => binOne(ground, names, signal)),
    discard: (names, signal) => explained(names, () => discardOne(ground, names, signal)),
    listBin: () => explained('the bin', () => withBin(ground, listBinned)),
    findBinned: (id) => explained('the bin', () => withBin(ground, (bin) => findBinned(bin, id))),
    restore: (id, to, signal) => explained(to, () => restore(ground, { id, to, signal })),
    emptyBin: (signal) => explained('the bin', () => emptyAll(ground, signal)),
    stage: () => stageFolder(ground),
  };
}

async function rename(ground: Ground, { from, to, overwrite }: FromTo, signal: AbortSignal): Promise<Entry> {
  await using source = await existing(ground, from);
  refuseSpecial(source.stats, from);
  await using target = await resolve(ground.files, to, 'keep');
  refuseRoot(target, to);
  if (isWithin(target.real, source.real) && isWithin(source.real, target.real)) return await statEntry(ground.files, to);
  if (isWithin(source.real, target.real) || isWithin(target.real, source.real)) throw nested({ from, to });
  await using incoming = await ground.openIncoming();
  await install(ground, source, { target, names: to, overwrite, incoming, signal });
  return await statEntry(ground.files, to);
}

/** Made out of sight and then put in place, so that it appears whole, and a copy of a folder into itself ends. */
async function copy(ground: Ground, { from, to, overwrite }: FromTo, signal: AbortSignal): Promise<Entry> {
  await using source = await existing(ground, from);
  refuseSpecial(source.stats, from);
  await using target = await resolve(ground.files, to, 'keep');
  refuseRoot(target, to);
  const { stats } = target;
  if (stats && !overwrite) throw new Problem('already-exists', `${quote(to)} exists already. Choose another name, or overwrite it.`);
  if (stats?.isDirectory() && isWithin(source.real, target.real)) throw nested({ from, to });
  await using incoming = await ground.openIncoming();
  const staged = { directory: incoming, name: newId() };
  try {
    await copyTree(source, staged, { owner: ground.owner, signal });
    await install(ground, staged, { target, names: to, overwrite, incoming, signal });
  } catch (error) {
    await removeTree(staged, AbortSignal.timeout(60_000));
    throw error;
  }
  return await statEntry(ground.files, to);
}

async function binOne(ground: Ground, names: Names, signal: AbortSignal): Promise<string> {
  await using place = await existing(ground, names);
  await using trash = await ground.openIncoming();
  return await withBin(ground, (bin) => putAway(bin, { spot: place, path: names.join('/') }, { owner: ground.owner, trash, signal }));
}

async function discardOne(ground: Ground, names: Names, signal: AbortSignal): Promise<void> {
  await using place = await existing(ground, names);
  await using trash = await ground.openIncoming();
  await discard(place, trash, signal);
}

async function restore(ground: Ground, { id, to, signal }: { id: string; to: Names; signal: AbortSignal }): Promise<Entry> {
  await makeFolders(ground, to.slice(0, -1));
  await using target = await resolve(ground.files, to, 'keep');
  refuseRoot(target, to);
  if (target.stats) throw new Problem('already-exists', `${quote(to)} exists again. Rename or delete that one, then restore this one.`);
  await using incoming = await ground.openIncoming();
  await withBin(ground, (bin) =>
    takeOut(bin, id, (spot) => install(ground, spot, { target, names: to, overwrite: false, incoming, signal })),
  );
  return await statEntry(ground.files, to);
}

async function emptyAll(ground: Ground, signal: AbortSignal): Promise<void> {
  await using trash = await ground.openIncoming();
  await withBin(ground, (bin) => emptyBin(bin, trash, signal));
}

async function withBin<T>(ground: Ground, operation: (bin: FileHandle) => Promise<T>): Promise<T> {
  await using bin = await ground.openBin();
  return await operation(bin);
}

/** What the names say, a link as itself. */
async function existing(ground: Ground, names: Names): Promise<NamedPlace & { stats: NonNullable<Place['stats']> }> {
  const place = await resolve(ground.files, names, 'keep');
  try {
    refuseRoot(place, names);
    if (!place.stats) throw new Problem('not-found', `${quote(names)} does not exist.`);
    return place as NamedPlace & { stats: NonNullable<Place['stats']> };
  } catch (error) {
    await place[Symbol.asyncDispose]();
    throw error;
  }
}

function refuseSpecial(stats: BigIntStats, names: Names): void {
  if (typeOf(stats) !== 'other') return;
  throw new Problem(
    'path-refused',
    `${quote(names)} is a device, a pipe or a socket; it is neither copied nor moved. Do it in a terminal.`,
  );
}

const nested = ({ from, to }: { from: Names; to: Names }): Problem =>
  new Problem('conflict', `${quote(from)} can't take the place ${quote(to)}: one of them contains the other. Choose another name.`);

const isWithin = (real: Names, folder: Names): boolean => folder.every((name, index) => real[index] === name);
