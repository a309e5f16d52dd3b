import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Problem } from '@bine/shared/problems';
import { createDisk } from './disk.ts';
import type { Disk, Folder } from '../../ports/files.ts';

const secret = 'what nobody may read';
const never = new AbortController().signal;

/** What stands outside, in every detail that a write would change. */
async function fingerprint(folder: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => !name.startsWith('tick')).sort();
  const described = names.map(async (name) => {
    const { ino, mode, uid, size, mtimeNs, ctimeNs, nlink } = await stat(join(folder, name), { bigint: true });
    return [name, ino, mode, uid, size, mtimeNs, ctimeNs, nlink].join(' ');
  });
  return Promise.all(described);
}

type Attempt = (folder: Folder, round: number) => Promise<unknown>;

const attempts: Record<string, { rounds: number; attempt: Attempt }> = {
  'reads a file in the folder': { rounds: 1000, attempt: (folder) => read(folder, ['spot', 'secret.txt']) },
  'reads the file': { rounds: 1000, attempt: (folder) => read(folder, ['leaf']) },
  describes: { rounds: 800, attempt: async (folder) => assertInside((await folder.stat(['spot', 'secret.txt'])).size) },
  lists: { rounds: 800, attempt: (folder) => list(folder, ['spot']) },
  'writes in the folder': { rounds: 150, attempt: (folder, round) => write(folder, ['spot', `new-${round % 10}`]) },
  'writes the file': { rounds: 150, attempt: (folder) => write(folder, ['leaf']) },
  'makes folders': { rounds: 300, attempt: (folder, round) => folder.mkdir(['spot', `made-${round % 20}`, 'below']) },
  'renames into and out of the folder': { rounds: 500, attempt: renameBoth },
  copies: { rounds: 60, attempt: copy },
  'deletes from the folder': { rounds: 500, attempt: (folder) => folder.discard(['spot', 'secret.txt'], never) },
  'deletes the folder of the same name': { rounds: 300, attempt: (folder) => folder.discard(['spot', 'kept'], never) },
};

async function read(folder: Folder, names: string[]): Promise<void> {
  await using content = await folder.open(names);
  assert.notEqual(await text(content.stream()), secret);
}

async function list(folder: Folder, names: string[]): Promise<void> {
  const entries = await folder.list(names);
  assert.ok(!entries.some(({ name }) => name === 'only-outside'));
}

async function write(folder: Folder, names: string[]): Promise<void> {
  const body = (async function* () {
    yield Buffer.from('inside');
  })();
  await folder.write(names, { body, accept: () => undefined, signal: never });
}

async function renameBoth(folder: Folder, round: number): Promise<void> {
  const names = round % 2 ? { from: ['movable'], to: ['spot', 'moved'] } : { from: ['spot', 'moved'], to: ['movable'] };
  await folder.rename({ ...names, overwrite: true }, never);
}

async function copy(folder: Folder, round: number): Promise<void> {
  const to = [`copy-${round}`];
  await folder.copy({ from: round % 2 ? ['spot'] : ['spot', 'secret.txt'], to, overwrite: true }, never);
  const names = round % 2 ? [...to, 'secret.txt'] : to;
  if ((await folder.stat(to)).type !== 'symlink') await read(folder, names);
  await folder.discard(to, never);
}

function assertInside(size: number): void {
  assert.notEqual(size, secret.length);
}

describe('while a program swaps names for links that lead out, the disk', () => {
  let home: string;
  let disk: Disk;
  let files: string;
  let outside: string;
  let folder: Folder;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'bine-swap-'));
    files = join(home, 'files');
    outside = join(home, 'outside');
    for (const path of [files, outside, join(files, 'spot'), join(outside, 'kept')]) await mkdir(path);
    for (const name of ['secret.txt', 'only-outside', 'moved', 'kept/a.txt']) await writeFile(join(outside, name), secret);
    await writeFile(join(files, 'leaf'), 'inside');
    disk = createDisk();
    folder = disk.folder({ files, bin: join(home, 'bin'), owner: { uid: 1000, gid: 1000 } });
  });
  after(async () => {
    await disk[Symbol.asyncDispose]();
    await rm(home, { recursive: true });
  });

  it('never reads, lists, changes, deletes or watches anything outside', async (t) => {
    const untouched = await fingerprint(outside);
    const program = fileURLToPath(new URL('swap.fixture.ts', import.meta.url));
    const swapper = spawn(process.execPath, [program, files, outside], { stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => swapper.kill());
    await once(swapper.stdout, 'data');
    const seen = new Set<string>();
    await using watch = disk.watch(files, {
      changes: (changes) => changes.forEach(({ names }) => seen.add(names.join('/'))),
      missed: () => undefined,
      ended: (why) => assert.fail(String(why)),
    });
    await watch.ready;

    const outcomes = { done: 0, refused: 0 };
    for (const [name, { rounds, attempt }] of Object.entries(attempts)) {
      for (let round = 0; round < rounds; round++) {
        // For a watch that strayed to tell of.
        if (round % 25 === 0) await writeFile(join(outside, `tick-${round}`), '');
        await attempt(folder, round).then(
          () => outcomes.done++,
          (error: unknown) => {
            if (!(error instanceof Problem)) throw error;
            outcomes.refused++;
          },
        );
      }
      assert.deepEqual(await fingerprint(outside), untouched, name);
    }
    swapper.stdin.end();
    const swaps = Number(await text(swapper.stdout));
    t.diagnostic(`${swaps} swaps, ${outcomes.done} calls done, ${outcomes.refused} refused`);
    assert.ok(swaps > 1000 && outcomes.done > 1000 && outcomes.refused > 1000, 'calls met both the folder and the link');
    assert.deepEqual(
      [...seen].filter((path) => /tick|only-outside/.test(path)),
      [],
    );
  });
});
