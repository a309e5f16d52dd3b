/** Puts something whole at a place of the project. Two that want the same place take turns, so that none is lost unseen. */
import type { BigIntStats } from 'node:fs';
import { chown, mkdir } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Problem } from '@bine/shared/problems';
import { putAway, takeOut } from './bin.ts';
import { refuseUnlessFile, stage } from './content.ts';
import type { Staged } from './content.ts';
import type { Owner } from '../../ports/accounts.ts';
import type { Entry, Write } from '../../ports/files.ts';
import { at, codeOf, describe, describeHandle, openSubfolder, self } from './descriptors.ts';
import type { Spot } from './descriptors.ts';
import { entryOf, statEntry } from './entries.ts';
import { quote } from './errors.ts';
import { move, syncFolder } from './move.ts';
import { resolve } from './resolve.ts';
import type { NamedPlace, Place } from './resolve.ts';
import type { Turns } from '../../lib/turns.ts';

/** What the operations on one project's files stand on. */
export type Ground = {
  /** Absolute path of the project's folder. */
  files: string;
  owner: Owner | null;
  turns: Turns;
  /** A folder for what is not whole yet, or not yet deleted. */
  openIncoming(): Promise<FileHandle>;
  openBin(): Promise<FileHandle>;
};

/** How often the place may have changed under a write before it gives up. */
const mostTries = 20;

export async function write(ground: Ground, names: readonly string[], upload: Write): Promise<Entry> {
  await accepted(ground, names, upload);
  await using incoming = await ground.openIncoming();
  await using staged = await stage(incoming, upload);
  if (ground.owner) await staged.handle.chown(ground.owner.uid, ground.owner.gid);
  for (let tries = 0; tries < mostTries; tries++) {
    await using place = await resolve(ground.files, names, 'follow');
    refuseRoot(place, names);
    const entry = await inTurn(ground, place, () => commit(ground, { staged, place, names, upload, incoming }));
    if (entry) return entry;
  }
  throw new Problem('conflict', `${quote(names)} is replaced by a program again and again. End it, then try again.`);
}

async function accepted(ground: Ground, names: readonly string[], upload: Write): Promise<void> {
  await using place = await resolve(ground.files, names, 'follow');
  refuseRoot(place, names);
  if (place.stats) refuseUnlessFile(place.stats, names);
  upload.accept(place.stats && entryOf(place.stats));
}

type Commit = { staged: Staged; place: NamedPlace; names: readonly string[]; upload: Write; incoming: FileHandle };

/** @returns null when the place changed while it was looked at */
async function commit({ owner }: Ground, { staged, place, names, upload, incoming }: Commit): Promise<Entry | null> {
  const current = await describe(place);
  if (current?.isSymbolicLink()) return null;
  if (current) refuseUnlessFile(current, names);
  upload.accept(current && entryOf(current));
  upload.signal.throwIfAborted();
  await staged.handle.chmod(modeOf(current ?? (await describeHandle(staged.handle)), upload.executable));
  try {
    await move(staged, place, { replace: current !== null, owner, trash: incoming, signal: upload.signal });
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && !current) return null;
    throw error;
  }
  await syncFolder(place.directory);
  const written = await describeHandle(staged.handle);
  // Without a name it was copied to another disk.
  const there = written.nlink > 0n ? written : await describe(place);
  return entryOf(there ?? written, place.link);
}

/** Whoever may read it may run it. */
function modeOf({ mode }: BigIntStats, executable: boolean | undefined): number {
  const as = Number(mode) & 0o777;
  if (executable === undefined) return as;
  return executable ? as | ((as & 0o444) >> 2) : as & ~0o111;
}

export type Installing = {
  target: NamedPlace;
  /** As the user says it. */
  names: readonly string[];
  overwrite: boolean;
  incoming: FileHandle;
  signal: AbortSignal;
};

/** A file takes the place of another at once; what else is overwritten goes to the bin, and comes back if this fails. */
export async function install(ground: Ground, source: Spot, installing: Installing): Promise<void> {
  const { target, names, overwrite, incoming, signal } = installing;
  const moving = { owner: ground.owner, trash: incoming, signal };
  await inTurn(ground, target, async () => {
    const current = await describe(target);
    if (current && !overwrite) throw new Problem('already-exists', `${quote(names)} exists already. Choose another name, or overwrite it.`);
    const folders = current?.isDirectory() || (await describe(source))?.isDirectory();
    if (!current || !folders) {
      await move(source, target, { ...moving, replace: current !== null });
      return;
    }
    await using bin = await ground.openBin();
    const aside = await putAway(bin, { spot: target, path: names.join('/') }, moving);
    try {
      await move(source, target, { ...moving, replace: false });
    } catch (error) {
      await takeOut(bin, aside, (spot) => move(spot, target, { ...moving, replace: false, signal: AbortSignal.timeout(60_000) }));
      throw error;
    }
  });
}

export async function makeFolders(ground: Ground, names: readonly string[]): Promise<Entry> {
  for (let depth = 1; depth <= names.length; depth++) {
    await using place = await resolve(ground.files, names.slice(0, depth), 'follow');
    if (place.stats && !place.stats.isDirectory()) {
      throw new Problem('already-exists', `${quote(names.slice(0, depth))} exists already and is not a folder. Choose another name.`);
    }
    if (!place.stats && place.name !== null) await makeFolder({ directory: place.directory, name: place.name }, ground.owner);
  }
  return statEntry(ground.files, names);
}

async function makeFolder(spot: Spot, owner: Owner | null): Promise<void> {
  await mkdir(at(spot)).catch((error: unknown) => {
    // Somebody else made it this moment.
    if (codeOf(error) !== 'EEXIST') throw error;
  });
  await using folder = await openSubfolder(spot);
  if (owner) await chown(self(folder), owner.uid, owner.gid);
}

export function refuseRoot(place: Place, names: readonly string[]): asserts place is NamedPlace {
  if (place.name !== null) return;
  if (names.length > 0) throw new Problem('conflict', `${quote(names)} is a folder; this needs a file.`);
  throw new Problem(
    'path-refused',
    "The project's folder itself can't be written, moved, replaced or deleted. Name something in it, or delete the project.",
  );
}

async function inTurn<T>({ turns }: Ground, place: NamedPlace, operation: () => Promise<T>): Promise<T> {
  const { dev, ino } = await describeHandle(place.directory);
  return turns(`${dev}:${ino}/${place.name}`, operation);
}
