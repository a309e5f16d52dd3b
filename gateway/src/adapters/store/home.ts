/** The gateway's own folder: who holds it, where things lie in it, and what the command line reads from it. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { chmod, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Problem } from '@bine/shared/problems';

/** Tells others on this machine where the gateway is, while it is. */
export type Announcement = {
  url: string;
  /** What to trust, as a file in this folder; null: plain HTTP. */ certificate: string | null;
  pid: number;
  version: string;
  gateway: string;
};

export const certificateFile = 'certificate.pem';

export type Home = Awaited<ReturnType<typeof openHome>>;

/** @throws Problem conflict if another gateway that is alive holds it */
export async function openHome(folder: string) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const announced = join(folder, 'gateway.json');
  const keyFile = join(folder, 'admin.key');
  await keepPrivate(folder);
  const lock = await takeLock(folder, announced);

  return {
    path: (...names: string[]) => join(folder, ...names),

    /** The administrator's key; null: there is none yet. */
    readKey: async (): Promise<string | null> => (await readIfThere(keyFile))?.trim() || null,
    writeKey: (secret: string): Promise<void> => replace(keyFile, `${secret}\n`, 0o600),

    /** For clients on this machine, who trust it because it is in this folder. */
    writeCertificate: (certificate: string): Promise<void> => replace(join(folder, certificateFile), certificate, 0o644),

    /** Until it is disposed of. */
    async announce(announcement: Announcement): Promise<AsyncDisposable> {
      await replace(announced, `${JSON.stringify(announcement, null, 2)}\n`, 0o600);
      return { [Symbol.asyncDispose]: () => rm(announced, { force: true }) };
    },

    [Symbol.dispose]: () => lock.close(),
  };
}

/** Also of an earlier version, and of whoever copied files here. What is below belongs to whom it says. */
async function keepPrivate(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isFile()) await chmod(join(folder, entry.name), 0o600);
  }
}

/**
 * A lock that the system itself takes back when its process ends, however that ends: the one of a database file, since
 * Node offers none of its own.
 */
async function takeLock(folder: string, announced: string): Promise<DatabaseSync> {
  const file = join(folder, 'gateway.lock');
  closeSync(openSync(file, 'a', 0o600));
  const lock = new DatabaseSync(file, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock.close();
    const other = await readIfThere(announced);
    const { url, pid } = (other === null ? {} : JSON.parse(other)) as Partial<Announcement>;
    const holders = await holdersOf(file);
    const strange = holders.find(({ user }) => user !== 0 && user !== process.geteuid!());
    if (strange) {
      const what = `process ${strange.pid} of the user ${strange.user}, which is no gateway of yours, holds ${file}`;
      throw new Problem('conflict', `The gateway cannot start: ${what}. End that process, or remove the file: it holds no data.`, {
        cause,
      });
    }
    const holder = holders[0] ? ` (process ${holders[0].pid})` : '';
    const who = url ? `Another gateway (process ${pid}, ${url})` : `Another gateway${holder}, which is starting or stopping,`;
    throw new Problem('conflict', `${who} uses ${folder}. Stop it with "bine down", or choose another folder with --home.`, { cause });
  }
}

/** Who has a lock on a file, where the system tells. */
async function holdersOf(file: string): Promise<{ pid: number; user: number }[]> {
  const { ino } = await stat(file);
  const locks = ((await readIfThere('/proc/locks')) ?? '').matchAll(/ (?:READ|WRITE) +(?<pid>\d+) \S+:(?<inode>\d+) /g);
  const pids = new Set([...locks].filter(({ groups }) => Number(groups!.inode) === ino).map(({ groups }) => Number(groups!.pid)));
  const all = [...pids].filter((pid) => pid !== process.pid);
  return Promise.all(all.map(async (pid) => ({ pid, user: await userOf(pid) }))).then((found) => found.filter(({ user }) => user >= 0));
}

/** -1: it has ended. */
async function userOf(pid: number): Promise<number> {
  const status = await readIfThere(`/proc/${pid}/status`);
  return Number(/^Uid:\s+\d+\s+(\d+)/m.exec(status ?? '')?.[1] ?? -1);
}

async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** All or nothing: nobody reads half a file. */
async function replace(file: string, text: string, mode: number): Promise<void> {
  const fresh = `${file}.new`;
  await rm(fresh, { force: true });
  await writeFile(fresh, text, { mode, flag: 'wx' });
  await rename(fresh, file);
}
