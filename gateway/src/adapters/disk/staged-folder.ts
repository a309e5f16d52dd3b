/** A folder that no container sees, on the disk of the project's files, for what is made bit by bit and then put in place at once. */
import { chown, mkdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { newId } from '../../lib/id.ts';
import { at, openSubfolder, self } from './descriptors.ts';
import { explained } from './errors.ts';
import { install, makeFolders, refuseRoot } from './install.ts';
import type { Ground } from './install.ts';
import { removeTree } from './remove-tree.ts';
import { resolve } from './resolve.ts';
import type { StagedFolder } from '../../ports/files.ts';

export async function stageFolder(ground: Ground): Promise<StagedFolder> {
  const incoming = await ground.openIncoming();
  const spot = { directory: incoming, name: newId() };
  await mkdir(at(spot), { mode: 0o700 });
  if (ground.owner) await chown(at(spot), ground.owner.uid, ground.owner.gid);
  return {
    path: join(await readlink(self(incoming)), spot.name),
    install: (name, to, signal) =>
      explained(to, async () => {
        await makeFolders(ground, to.slice(0, -1));
        await using target = await resolve(ground.files, to, 'keep');
        refuseRoot(target, to);
        await using folder = await openSubfolder(spot);
        await install(ground, { directory: folder, name }, { target, names: to, overwrite: false, incoming, signal });
      }),
    async [Symbol.asyncDispose]() {
      try {
        await removeTree(spot, AbortSignal.timeout(300_000));
      } finally {
        await incoming.close();
      }
    },
  };
}
