/** Copies of the database: one before its tables change, one a day, the newest ones kept. */
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { Problem } from '@bine/shared/problems';

const kept = 7;
const day = 24 * 3_600_000;
const lookEvery = 3_600_000;
const isBackup = (name: string) => /^bine-.*\.db$/.test(name);

export const backupsOf = (file: string): string => join(dirname(file), 'backups');

/** All or nothing, while others go on. @returns where it is */
export async function backUp(sqlite: DatabaseSync, file: string): Promise<string> {
  const folder = backupsOf(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const target = join(folder, `bine-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.db`);
  const fresh = `${target}.new`;
  try {
    await backup(sqlite, fresh);
    await rename(fresh, target);
  } finally {
    await rm(fresh, { force: true });
  }
  for (const old of (await namesIn(folder)).slice(kept)) await rm(join(folder, old), { force: true });
  return target;
}

/** @param mayWrite false while the disk is short of room */
export function keepBackups(file: string, options: { mayWrite: () => boolean; onError: (error: unknown) => void }): Disposable {
  const look = async () => {
    if (!options.mayWrite()) return;
    const [newest] = await namesIn(backupsOf(file));
    if (newest !== undefined && Date.now() - (await stat(join(backupsOf(file), newest))).mtimeMs < day) return;
    const sqlite = new DatabaseSync(file, { readOnly: true });
    try {
      await backUp(sqlite, file);
    } finally {
      sqlite.close();
    }
  };
  const begin = () => void look().catch(options.onError);
  const timer = setInterval(begin, lookEvery).unref();
  begin();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/** @throws Problem `conflict` where there are projects and the database that knows them is gone */
export async function refuseLostDatabase(file: string, projects: string): Promise<void> {
  const { size } = (await stat(file).catch(absent)) ?? { size: 0 };
  if (size > 0) return;
  const found = ((await readdir(projects).catch(absent)) ?? []).filter((name) => !name.startsWith('.'));
  if (found.length === 0) return;
  throw new Problem(
    'conflict',
    `${projects} has ${found.length} projects, but the database ${file} is ${(await stat(file).catch(absent)) ? 'empty' : 'missing'}. ${await restoring(file)} To begin without them, move ${projects} away.`,
  );
}

/** What to do about a database that cannot be used. */
export async function restoring(file: string): Promise<string> {
  const [newest] = await namesIn(backupsOf(file));
  if (newest === undefined) return `There is no backup in ${backupsOf(file)}; put a copy of yours at ${file}.`;
  return `Restore the newest backup with: rm -f ${file}-wal ${file}-shm && cp ${join(backupsOf(file), newest)} ${file}`;
}

/** The newest first. */
async function namesIn(folder: string): Promise<string[]> {
  return ((await readdir(folder).catch(absent)) ?? [])
    .filter((name) => isBackup(basename(name)))
    .sort()
    .toReversed();
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
