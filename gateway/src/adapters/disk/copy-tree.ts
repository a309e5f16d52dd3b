/** Copies a file, a link or a folder with all in it: links as links, so that nothing from elsewhere comes along. */
import { constants } from 'node:fs';
import { chmod, lchown, mkdir, open, readlink, symlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Problem } from '@bine/shared/problems';
import { at, childrenOf, codeOf, describeHandle, isHidden, openEntry, openSubfolder, self } from './descriptors.ts';
import type { Spot } from './descriptors.ts';
import type { Owner } from '../../ports/accounts.ts';

export type Copying = {
  /** null: the gateway's own user, which files get by themselves. */
  owner: Owner | null;
  signal: AbortSignal;
};

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;
const chunkSize = 1024 * 1024;
/** Each level holds two descriptors open. */
const deepest = 200;

/** Sockets, pipes and devices inside a folder stay behind: a copy of them would mean nothing. */
export async function copyTree(source: Spot, target: Spot, copying: Copying): Promise<void> {
  await copyEntry(source, target, { ...copying, depth: 0 });
}

async function copyEntry(source: Spot, target: Spot, copying: Copying & { depth: number }): Promise<void> {
  copying.signal.throwIfAborted();
  if (copying.depth > deepest) throw new Problem('too-large', `The folder is nested more than ${deepest} deep; copy it in a terminal.`);
  const entry = await openEntry(source);
  if (!entry) return;
  await using handle = entry;
  const stats = await describeHandle(handle);
  const mode = Number(stats.mode) & 0o777;
  if (stats.isSymbolicLink()) await copyLink(source, target, copying);
  else if (stats.isFile()) await copyFile(handle, target, { ...copying, mode });
  else if (stats.isDirectory()) await copyFolder(handle, target, { ...copying, mode });
}

async function copyFolder(source: FileHandle, target: Spot, copying: Copying & { depth: number; mode: number }): Promise<void> {
  const { owner, depth, mode } = copying;
  await mkdir(at(target), 0o700);
  await using folder = await openSubfolder(target);
  for await (const { name } of childrenOf(source)) {
    if (isHidden(name)) continue;
    await copyEntry({ directory: source, name }, { directory: folder, name }, { ...copying, depth: depth + 1 });
  }
  if (owner) await lchown(at(target), owner.uid, owner.gid);
  // Last, since a folder that may not be written could not be filled.
  await chmod(self(folder), mode);
}

async function copyFile(source: FileHandle, target: Spot, { owner, signal, mode }: Copying & { mode: number }): Promise<void> {
  await using from = await open(self(source), O_RDONLY | O_NONBLOCK);
  await using to = await open(at(target), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  const chunk = Buffer.allocUnsafe(chunkSize);
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await from.read(chunk, 0, chunkSize, null);
    if (bytesRead === 0) break;
    await to.writeFile(chunk.subarray(0, bytesRead));
  }
  if (owner) await to.chown(owner.uid, owner.gid);
  await to.chmod(mode);
}

async function copyLink(source: Spot, target: Spot, copying: Copying & { depth: number }): Promise<void> {
  const { owner, depth } = copying;
  const leadsTo = await readlink(at(source), { encoding: 'buffer' }).catch(unlessSwapped);
  // No link any more: what it is now is copied, as often as anything may be nested.
  if (leadsTo === null) return copyEntry(source, target, { ...copying, depth: depth + 1 });
  await symlink(leadsTo, at(target));
  if (owner) await lchown(at(target), owner.uid, owner.gid);
}

function unlessSwapped(error: unknown): null {
  if (codeOf(error) === 'EINVAL' || codeOf(error) === 'ENOENT') return null;
  throw error;
}
