/**
 * Who the containers of projects run as. Each project has a user id that nobody else on the machine has, so that neither another project nor
 * a user of the machine can look into its processes and files. Only root can run programs as somebody else; any other gateway's own user
 * owns all projects.
 */
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '@bine/shared/problems';
import { newId } from '../../lib/id.ts';
import type { Accounts, Owner, UidRange } from '../../ports/accounts.ts';
import type { ReadOnlyMount } from '../../ports/mounts.ts';

/** @param folder the gateway's own, for what is mounted @param shared who owns a project that has no user id of its own */
export function createAccounts({ folder, range, shared }: { folder: string; range: UidRange; shared: Owner }): Accounts {
  const isRoot = process.geteuid?.() === 0;
  const written = new Map<number, Promise<ReadOnlyMount[]>>();
  return {
    range: isRoot ? range : null,
    ownerOf: (uid) => (isRoot && uid !== null ? { uid, gid: uid } : shared),
    names(owner) {
      const known = written.get(owner.uid) ?? writeNames(join(folder, `${owner.uid}`), owner);
      written.set(owner.uid, known);
      known.catch(() => written.delete(owner.uid));
      return known;
    },
  };
}

async function writeNames(folder: string, { uid, gid }: Owner): Promise<ReadOnlyMount[]> {
  const texts = {
    passwd: `root:x:0:0:root:/root:/bin/bash\nbine:x:${uid}:${gid}:Bine:/home/bine:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n`,
    group: `root:x:0:\nbine:x:${gid}:\nnogroup:x:65534:\n`,
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return Promise.all(
    Object.entries(texts).map(async ([name, text]) => {
      const source = join(folder, name);
      // A container may have it mounted: it is never seen half written.
      const fresh = `${source}.${newId()}`;
      await writeFile(fresh, text, { flag: 'wx' });
      await chmod(fresh, 0o644);
      await rename(fresh, source);
      return { source, target: `/etc/${name}`, readOnly: true as const };
    }),
  );
}

/** @throws Problem `conflict` where somebody of this machine owns one of the ids */
export async function refuseTaken({ first, last }: UidRange): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  const given = `the user ids ${first}-${last}, which the gateway gives to projects`;
  const change = 'Choose others with --uid-range or BINE_UID_RANGE.';
  for (const file of ['/etc/passwd', '/etc/group']) {
    for (const [name, , id] of await fieldsOf(file)) {
      const number = Number(id);
      if (number >= first && number <= last) throw new Problem('conflict', `"${name}" in ${file} has one of ${given}: ${id}. ${change}`);
    }
  }
  for (const file of ['/etc/subuid', '/etc/subgid']) {
    for (const [name, start, count] of await fieldsOf(file)) {
      const begin = Number(start);
      if (begin <= last && begin + Number(count) > first)
        throw new Problem('conflict', `"${name}" in ${file} has some of ${given}: ${count} from ${start}. ${change}`);
    }
  }
  await refuseUnmapped({ first, last }, change);
}

/** In a container of somebody's, root may own few ids. */
async function refuseUnmapped({ first, last }: UidRange, change: string): Promise<void> {
  const lines = await readIfThere('/proc/self/uid_map');
  const ranges = lines.split('\n').flatMap((line) => {
    const [inside, , count] = line.trim().split(/\s+/).map(Number);
    return inside !== undefined && count !== undefined ? [{ begin: inside, end: inside + count }] : [];
  });
  if (ranges.length === 0 || ranges.some(({ begin, end }) => begin <= first && last < end)) return;
  throw new Problem('conflict', `The gateway runs in a container in which there are no user ids ${first}-${last}. ${change}`);
}

async function fieldsOf(file: string): Promise<string[][]> {
  const lines = (await readIfThere(file)).split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(':'));
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
