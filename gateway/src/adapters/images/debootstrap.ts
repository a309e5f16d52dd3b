/** Makes a small Debian from its packages where no image can be pulled. Needs root and the program `debootstrap`. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Problem } from '@bine/shared/problems';
import { lines } from '../docker/streams.ts';

type Debian = { suite: string; packages: string[] };

/**
 * Unpacks the system into a folder of its own below `folder`, hands it to `use` as a tar archive, and deletes it.
 */
export async function withDebian(
  debian: Debian,
  folder: string,
  use: (archive: NodeJS.ReadableStream) => Promise<void>,
  { signal, onLine }: { signal: AbortSignal; onLine: (line: string) => void },
): Promise<void> {
  const root = await mkdtemp(join(folder, 'debian-'));
  try {
    await install(debian, root, { signal, onLine });
    const tar = spawn('tar', [...leftOut, '--one-file-system', '--numeric-owner', '-C', root, '-c', '.'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      signal,
    });
    const ended = exitOf(tar);
    await use(tar.stdout);
    const code = await ended;
    if (code !== 0) throw new Problem('build-failed', `Packing the base image failed: tar ended with ${code}.`);
  } finally {
    await removeTree(root);
  }
}

const leftOut = ['./proc/*', './sys/*', './dev/*', './var/cache/apt/archives/*.deb', './var/lib/apt/lists/*'].map(
  (path) => `--exclude=${path}`,
);

async function install(
  { suite, packages }: Debian,
  root: string,
  { signal, onLine }: { signal: AbortSignal; onLine: (line: string) => void },
) {
  // In namespaces of its own, what debootstrap mounts in the tree is gone when it ends, however it ends, and so is
  // every process that a package's installation started.
  const child = spawn(
    'unshare',
    [
      '--mount',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount-proc',
      'debootstrap',
      '--variant=minbase',
      `--include=${packages.join(',')}`,
      suite,
      root,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' },
  );
  const ended = exitOf(child);
  let last = '';
  const tell = (line: string) => {
    last = line;
    onLine(line);
  };
  await Promise.all([follow(child.stdout, tell), follow(child.stderr, tell), ended]);
  const code = await ended;
  signal.throwIfAborted();
  if (code === null) throw noDebootstrap();
  if (code !== 0) throw new Problem('build-failed', `Making the base image with debootstrap failed (exit code ${code}): ${last}`);
}

export function noDebootstrap(): Problem {
  return new Problem(
    'build-failed',
    'There is no base image, none could be pulled, and none can be made here: that needs root and the program debootstrap. ' +
      'Run "apt-get install debootstrap" and start the gateway as root, or name an image that is here in BINE_BASE_IMAGE.',
  );
}

async function follow(stream: AsyncIterable<Buffer>, onLine: (line: string) => void): Promise<void> {
  for await (const line of lines(stream)) onLine(line);
}

/** null: it could not be started. */
async function exitOf(child: ChildProcess): Promise<number | null> {
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return code ?? 1;
  } catch {
    return null;
  }
}

/** Never through a mount: should something still be mounted in the tree, deleting would reach what is behind it. */
async function removeTree(root: string): Promise<void> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  const inside = mounts.split('\n').some((line) => line.split(' ')[4]?.startsWith(`${root}/`));
  if (inside) throw new Problem('internal', `Something is still mounted in ${root}. Unmount it, then delete the folder.`);
  await rm(root, { recursive: true, force: true });
}
