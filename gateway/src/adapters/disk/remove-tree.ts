/**
 * Deletes for good. A program whose working directory is in the tree can go on changing it, so nothing is ever
 * deleted through a path of two names: each subfolder is first moved up into the trash, and then emptied there. That also
 * needs no more descriptors for a deep tree than for a flat one.
 */
import { chmod, mkdir, rename, rmdir, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Problem } from '@bine/shared/problems';
import { newId } from '../../lib/id.ts';
import { at, childrenOf, codeOf, describe, hiddenName, openSubfolder, self } from './descriptors.ts';
import type { Name, Spot } from './descriptors.ts';

/** How often a folder may turn out to have been filled again while it was emptied. */
const mostTries = 1000;

/** @param trash a folder on any disk; best one that no container sees */
export async function discard(spot: Spot, trash: FileHandle, signal: AbortSignal): Promise<void> {
  const name = newId();
  try {
    await makeMovable(spot);
    await rename(at(spot), at({ directory: trash, name }));
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error;
    await discardBeside(spot, signal);
    return;
  }
  await removeTree({ directory: trash, name }, signal);
}

/** On another disk than the trash: in a trash of its own, on the same disk. */
async function discardBeside({ directory, name }: Spot, signal: AbortSignal): Promise<void> {
  const beside = { directory, name: hiddenName() };
  await mkdir(at(beside), 0o700);
  {
    await using trash = await openSubfolder(beside);
    const moved = { directory: trash, name: newId() };
    await rename(at({ directory, name }), at(moved));
    await removeTree(moved, signal);
  }
  await rmdir(at(beside));
}

/** @param spot in a folder that may be filled with what is still to be deleted */
export async function removeTree({ directory: trash, name }: Spot, signal: AbortSignal): Promise<void> {
  const left = [name];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    signal.throwIfAborted();
    const spot = { directory: trash, name: next };
    const stats = await describe(spot);
    if (stats?.isDirectory()) left.push(...(await removeFolder(spot, signal)));
    else if (stats) await unlink(at(spot));
  }
}

/** @returns the names, in the trash, of the subfolders that were in it */
async function removeFolder(spot: Spot, signal: AbortSignal): Promise<Name[]> {
  const subfolders: Name[] = [];
  for (let tries = 0; tries < mostTries; tries++) {
    signal.throwIfAborted();
    subfolders.push(...(await emptyFolder(spot)));
    if (await removed(spot)) return subfolders;
  }
  throw new Problem('conflict', 'A program goes on writing into the folder. End it, then try again.');
}

async function emptyFolder(spot: Spot): Promise<Name[]> {
  await using folder = await openSubfolder(spot);
  await chmod(self(folder), 0o700);
  const moved: Name[] = [];
  for await (const entry of childrenOf(folder)) {
    const child = { directory: folder, name: entry.name };
    if (!entry.isDirectory()) {
      await unlink(at(child)).catch(unlessSwapped);
      continue;
    }
    const name = newId();
    await makeMovable(child);
    await rename(at(child), at({ directory: spot.directory, name })).then(() => moved.push(name), unlessSwapped);
  }
  return moved;
}

/** Moving a folder changes its `..`, for which it must be writable. */
async function makeMovable(spot: Spot): Promise<void> {
  const folder = await openSubfolder(spot).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(error) ?? '')) return null;
    throw error;
  });
  if (!folder) return;
  await using handle = folder;
  await chmod(self(handle), 0o700);
}

async function removed(spot: Spot): Promise<boolean> {
  try {
    await rmdir(at(spot));
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOTEMPTY') return false;
    throw error;
  }
}

/** Gone, or a folder where a file was a moment ago: the next round sees what it is now. */
function unlessSwapped(error: unknown): void {
  if (!['ENOENT', 'EISDIR', 'ENOTDIR'].includes(codeOf(error) ?? '')) throw error;
}
