/** Moves what stands at one place to another, at once where the disk can, whole or not at all where it can't. */
import { constants } from 'node:fs';
import { mkdir, open, rename, rmdir, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { at, codeOf, describe, describeHandle, hiddenName, self } from './descriptors.ts';
import type { Spot } from './descriptors.ts';
import { copyTree } from './copy-tree.ts';
import type { Copying } from './copy-tree.ts';
import { discard, removeTree } from './remove-tree.ts';

export type Moving = Copying & {
  /** Something may stand at the target, and is replaced. */
  replace: boolean;
  /** Takes what is left of a tree that had to be copied to another disk. */
  trash: FileHandle;
};

/** @throws EEXIST when something stands at the target and `replace` is false, even if it came there this moment */
export async function move(from: Spot, to: Spot, moving: Moving): Promise<void> {
  const claimed = moving.replace ? null : await claim(from, to);
  try {
    await rename(at(from), at(to)).catch(async (error: unknown) => {
      if (codeOf(error) !== 'EXDEV') throw error;
      await moveAcross(from, to, moving);
    });
  } catch (error) {
    if (claimed !== null) await giveUp(to, claimed);
    throw error;
  }
}

/**
 * Node has no renameat2(RENAME_NOREPLACE). Taking the name first, with an empty file or folder that the rename then
 * replaces, is as good: who comes second gets EEXIST.
 * @returns the inode that holds the name
 */
async function claim(from: Spot, to: Spot): Promise<bigint> {
  if ((await describe(from))?.isDirectory()) {
    await mkdir(at(to));
    return (await describe(to))?.ino ?? -1n;
  }
  const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
  await using file = await open(at(to), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  return (await describeHandle(file)).ino;
}

/** Unless somebody has put something there meanwhile. */
async function giveUp(to: Spot, claimed: bigint): Promise<void> {
  const stats = await describe(to);
  if (stats?.ino !== claimed) return;
  if (stats.isDirectory()) await rmdir(at(to)).catch(() => undefined);
  else if (stats.size === 0n) await unlink(at(to));
}

/** To another disk: copied beside the target first, so that it appears there whole. */
async function moveAcross(from: Spot, to: Spot, moving: Moving): Promise<void> {
  const beside = { directory: to.directory, name: hiddenName() };
  try {
    await copyTree(from, beside, moving);
    await rename(at(beside), at(to));
  } catch (error) {
    await removeTree(beside, AbortSignal.timeout(60_000));
    throw error;
  }
  await discard(from, moving.trash, moving.signal);
}

/** Makes names in the folder outlive a power cut. */
export async function syncFolder(directory: FileHandle): Promise<void> {
  await using folder = await open(self(directory), constants.O_RDONLY | constants.O_DIRECTORY);
  await folder.sync();
}
