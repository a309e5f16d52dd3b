/** Gives a folder with all in it to somebody: links as themselves, and no file keeps the right to be run as its owner. */
import { chmod, lchown } from 'node:fs/promises';
import { at, childrenOf, describeHandle, openEntry, openSubfolder, self } from './descriptors.ts';
import type { Name, Spot } from './descriptors.ts';
import type { Owner } from '../../ports/accounts.ts';

const setId = 0o6000n;
/** How many names are given at once. */
const together = 64;

/** Only while no program works in it. Done again, it goes on where it was cut off. */
export async function giveTree(spot: Spot, owner: Owner): Promise<void> {
  const entry = await openEntry(spot);
  if (!entry) return;
  await using handle = entry;
  const stats = await describeHandle(handle);
  if (stats.uid !== BigInt(owner.uid) || stats.gid !== BigInt(owner.gid)) await lchown(at(spot), owner.uid, owner.gid);
  if (stats.isFile() && (stats.mode & setId) !== 0n) await chmod(self(handle), Number(stats.mode & 0o777n));
  if (stats.isDirectory()) await giveContent(spot, owner);
}

async function giveContent(spot: Spot, owner: Owner): Promise<void> {
  await using folder = await openSubfolder(spot);
  const give = (names: Name[]) => Promise.all(names.map((name) => giveTree({ directory: folder, name }, owner)));
  let batch: Name[] = [];
  const folders: Name[] = [];
  for await (const child of childrenOf(folder)) {
    // One folder after the other, so that a deep tree needs few descriptors.
    (child.isDirectory() ? folders : batch).push(child.name);
    if (batch.length < together) continue;
    await give(batch);
    batch = [];
  }
  await give(batch);
  for (const name of folders) await giveTree({ directory: folder, name }, owner);
}
