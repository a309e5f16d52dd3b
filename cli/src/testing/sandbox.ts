/** Where the tests run: folders of their own, and a mark on every process, so that what they leave behind is found. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { noteVariable, readNotes, removeFromEngine } from './test-gateways.ts';

/** `left`: what tests should have removed. `late`: what the engine may have made after a test was over. */
export type Remains = { left: string[]; late: string[] };

export type Sandbox = {
  folder: string;
  env: Record<string, string | undefined>;
  /** What is still there, in words; ends and removes it. */
  sweep(socket: string | undefined, signal: AbortSignal): Promise<Remains>;
  [Symbol.asyncDispose](): Promise<void>;
};

const mark = 'BINE_TEST_RUN';
/** The user's own settings would lead tests to the user's own gateway. */
const foreign = [
  'BINE_KEY',
  'BINE_URL',
  'BINE_PORT',
  'BINE_HOST',
  'BINE_TRUSTED_HOSTS',
  'BINE_COMMAND',
  'XDG_DATA_HOME',
  'NODE_OPTIONS',
  'FORCE_COLOR',
];

export async function createSandbox(root: string, env: Record<string, string | undefined>): Promise<Sandbox> {
  const folder = await mkdtemp(join(tmpdir(), 'bine-test-'));
  // Programs that tests start as another user, as containers have them, find what is theirs in it.
  await chmod(folder, 0o711);
  const id = randomBytes(6).toString('hex');
  const path = [join(root, 'node_modules/.bin'), env.PATH].join(delimiter);
  const notes = join(folder, 'gateways');
  const home = join(folder, 'home');
  const own = { ...env, PATH: path, TMPDIR: folder, BINE_HOME: home, [noteVariable]: notes, [mark]: id, NO_COLOR: '1', LANG: 'C.UTF-8' };
  for (const name of foreign) delete own[name as keyof typeof own];
  return {
    folder,
    env: own,
    async sweep(socket, signal) {
      const processes = await endProcesses(`${mark}=${id}`);
      // Other people's gateways are on the same engine. Ours were noted, and their kernels' folders are below ours.
      const gateways = await readNotes(notes);
      const objects = socket ? await removeFromEngine(socket, { gateways, folder }, signal) : [];
      await rm(notes, { force: true });
      const files = (await readdir(folder)).map((name) => `the temporary folder ${name}`);
      const wordsOf = (isLate: boolean) => objects.filter(({ late }) => late === isLate).map(({ words }) => words);
      return { left: [...processes, ...wordsOf(false), ...files], late: wordsOf(true) };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A process inherits the environment of the one that started it, whoever its parent is by now. */
async function endProcesses(entry: string): Promise<string[]> {
  const left: string[] = [];
  for (const id of (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    const read = (file: string) => readFile(`/proc/${id}/${file}`, 'utf8').catch(() => '');
    if (!(await read('environ')).split('\0').includes(entry)) continue;
    const words = (await read('cmdline')).split('\0').join(' ').trim();
    if (!words) continue;
    left.push(`the process ${words.slice(0, 120)}`);
    process.kill(Number(id), 'SIGKILL');
  }
  return left;
}
