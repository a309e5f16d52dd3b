/**
 * The bin of a project, outside of what its containers see. Each thing in it has a folder named by its id, with a note
 * where it came from and the thing itself.
 */
import { mkdir, open, readdir, rmdir, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Problem } from '@bine/shared/problems';
import { newId } from '../../lib/id.ts';
import { at, codeOf, describe, openSubfolder, self } from './descriptors.ts';
import type { Spot } from './descriptors.ts';
import { typeOf } from './entries.ts';
import type { Binned } from '../../ports/files.ts';
import { move } from './move.ts';
import type { Moving } from './move.ts';
import { discard } from './remove-tree.ts';

type Note = Omit<Binned, 'id'>;

const note = 'origin.json';
const thing = 'item';
const ids = /^[0-9a-z]{16}$/;

/** @returns its id in the bin */
export async function putAway(
  bin: FileHandle,
  { spot, path }: { spot: Spot; path: string },
  moving: Omit<Moving, 'replace'>,
): Promise<string> {
  const stats = await describe(spot);
  if (!stats) throw new Problem('not-found', `${JSON.stringify(path)} does not exist.`);
  const id = newId();
  const home = { directory: bin, name: id };
  await mkdir(at(home), 0o700);
  await using folder = await openSubfolder(home);
  const origin: Note = { path, deleted: Date.now(), type: typeOf(stats) };
  await writeNote(folder, origin);
  try {
    await move(spot, { directory: folder, name: thing }, { ...moving, replace: true });
  } catch (error) {
    await dropHome(bin, folder, id);
    throw error;
  }
  return id;
}

/** The newest first. */
export async function listBinned(bin: FileHandle): Promise<Binned[]> {
  const found: Binned[] = [];
  for (const id of await readdir(self(bin))) {
    const origin = ids.test(id) ? await readBinned(bin, id) : null;
    if (origin) found.push(origin);
  }
  return found.sort((a, b) => b.deleted - a.deleted);
}

export async function findBinned(bin: FileHandle, id: string): Promise<Binned> {
  const origin = ids.test(id) ? await readBinned(bin, id) : null;
  if (!origin)
    throw new Problem('not-found', `There is nothing with the id ${JSON.stringify(id)} in the bin. List the bin to see what is.`);
  return origin;
}

/** @param put moves it to where it is wanted */
export async function takeOut(bin: FileHandle, id: string, put: (spot: Spot) => Promise<void>): Promise<void> {
  await using folder = await openSubfolder({ directory: bin, name: id });
  await put({ directory: folder, name: thing });
  await dropHome(bin, folder, id);
}

export async function emptyBin(bin: FileHandle, trash: FileHandle, signal: AbortSignal): Promise<void> {
  for (const id of await readdir(self(bin))) {
    if (ids.test(id)) await discard({ directory: bin, name: id }, trash, signal);
  }
}

async function writeNote(folder: FileHandle, origin: Note): Promise<void> {
  await using file = await open(at({ directory: folder, name: note }), 'wx', 0o600);
  await file.writeFile(JSON.stringify(origin));
  // The thing must never be there with half a note.
  await file.sync();
}

/** null where the gateway was killed before the thing came in or after it was taken out. */
async function readBinned(bin: FileHandle, id: string): Promise<Binned | null> {
  try {
    await using folder = await openSubfolder({ directory: bin, name: id });
    if (!(await describe({ directory: folder, name: thing }))) return null;
    await using file = await open(at({ directory: folder, name: note }), 'r');
    return { ...(JSON.parse(await file.readFile('utf8')) as Note), id };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

async function dropHome(bin: FileHandle, folder: FileHandle, id: string): Promise<void> {
  await unlink(at({ directory: folder, name: note }));
  await rmdir(at({ directory: bin, name: id }));
}
