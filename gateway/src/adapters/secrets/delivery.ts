/**
 * The folders in which programs find their secrets: one for each kernel and each execution, in memory and never on a disk, for the
 * program's own user alone. They outlive this process and end with what they were made for.
 */
import { chown, lstat, mkdir, readdir, rename, rm, rmdir, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '@bine/shared/problems';
import { secretFolderName } from '../../lib/secret-places.ts';
import type { SecretDelivery } from '../../ports/secrets.ts';

/** What the agent in the container reads besides the values; no secret has such a name. */
const manifest = '.manifest';
/** File systems that are memory. */
const inMemory = new Set([0x01_02_19_94, 0x85_84_58_f6]);

/** @param places folders of which the first that is in memory and can be written is taken */
export function createSecretDelivery({ places, gateway }: { places: readonly string[]; gateway: string }): SecretDelivery {
  const isRoot = process.geteuid?.() === 0;
  const name = secretFolderName(gateway);
  let root: Promise<string> | null = null;

  async function find(): Promise<string> {
    for (const place of places) {
      if (!(await isInMemory(place))) continue;
      const folder = join(place, name);
      try {
        await mkdir(folder, { recursive: true, mode: 0o711 });
        if (await isOurs(folder)) return folder;
      } catch (error) {
        if (!['EACCES', 'EROFS', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      }
    }
    throw new Problem(
      'conflict',
      `Secrets are kept in memory only, and none of ${places.join(', ')} is a folder in memory that can be written.`,
    );
  }

  function findOnce(): Promise<string> {
    root ??= find().catch((error: unknown) => {
      root = null;
      throw error;
    });
    return root;
  }

  return {
    async put(id, { values, environment, paths }, owner) {
      const folder = join(await findOnce(), id);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if (isRoot) await chown(folder, owner.uid, owner.gid);
      const write = async (file: string, content: Buffer | string) => {
        const fresh = join(folder, `.${file}.new`);
        await rm(fresh, { force: true });
        await writeFile(fresh, content, { flag: 'wx', mode: 0o400 });
        if (isRoot) await chown(fresh, owner.uid, owner.gid);
        await rename(fresh, join(folder, file));
      };
      for (const [file, value] of values) await write(file, value);
      await write(manifest, JSON.stringify({ environment, paths }));
      for (const file of await readdir(folder)) if (file !== manifest && !values.has(file)) await rm(join(folder, file), { force: true });
      return folder;
    },

    async remove(id) {
      for (const place of places) await discard(join(place, name), id);
    },

    async keepOnly(ids) {
      for (const place of places) {
        for (const id of await readdir(join(place, name)).catch(notOurs)) {
          if (!ids.has(id)) await discard(join(place, name), id);
        }
      }
    },
  };
}

/** Shared memory is everybody's to write: somebody else may have made a folder of that name. */
async function isOurs(folder: string): Promise<boolean> {
  const stats = await lstat(folder);
  return stats.isDirectory() && stats.uid === process.geteuid?.() && (stats.mode & 0o022) === 0;
}

/** With the gateway's own folder, once nothing is in it. */
async function discard(folder: string, id: string): Promise<void> {
  await rm(join(folder, id), { recursive: true, force: true });
  await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (!['ENOENT', 'ENOTEMPTY'].includes(error.code ?? '')) throw error;
  });
}

/** Where there is no folder of ours, nothing of ours is in it. */
function notOurs(error: NodeJS.ErrnoException): string[] {
  if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(error.code ?? '')) return [];
  throw error;
}

async function isInMemory(place: string): Promise<boolean> {
  // A place that is not there, or cannot be asked, is no place for secrets.
  const { type } = await statfs(place).catch(() => ({ type: 0 }));
  return inMemory.has(type);
}
