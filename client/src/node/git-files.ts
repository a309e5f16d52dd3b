/** What of a folder Git would have: tracked, or new and not ignored. Git itself decides, with all of its rules and settings. */
import { spawn } from 'node:child_process';
import { lstat, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ifThere } from './if-there.ts';

export type GitFiles = {
  /** Paths of files and links, relative to the folder. */
  files: ReadonlySet<string>;
  /** Of the folders around them. */
  folders: ReadonlySet<string>;
  /** Not on the disk, because the checkout leaves them out. */
  sparse: readonly string[];
  /** Folders of submodules that are not checked out. */
  missingSubmodules: readonly string[];
};

/** null: it is in no repository. @throws Error that says why Git cannot tell */
export async function gitFiles(root: string, signal: AbortSignal): Promise<GitFiles | null> {
  if (!(await isInRepository(root))) return null;
  const found = { files: new Set<string>(), folders: new Set<string>(), sparse: [] as string[], missingSubmodules: [] as string[] };
  await collect(root, '', { found, signal });
  for (const path of found.files) {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) found.folders.add(path.slice(0, at));
  }
  return found;
}

type Found = { files: Set<string>; sparse: string[]; missingSubmodules: string[] };

async function collect(root: string, prefix: string, { found, signal }: { found: Found; signal: AbortSignal }): Promise<void> {
  const output = await git(join(root, prefix), ['ls-files', '-z', '-t', '--cached', '--others', '--exclude-standard'], signal);
  const inner: string[] = [];
  for (const entry of split(output)) {
    const [tag, path] = [entry.slice(0, 1), prefix + entry.slice(2)];
    // A repository in the repository, tracked as a submodule or not.
    if (path.endsWith('/')) inner.push(path);
    else {
      const stats = await ifThere(lstat(join(root, path)));
      if (stats?.isDirectory()) inner.push(`${path}/`);
      else if (stats) found.files.add(path);
      else if (tag === 'S') found.sparse.push(path);
    }
  }
  for (const path of new Set(inner)) {
    if ((await readdir(join(root, path))).length === 0) found.missingSubmodules.push(path.slice(0, -1));
    else await collect(root, path, { found, signal });
  }
}

/** Names that are no UTF-8 keep a replacement character, by which they are known as odd. */
function split(output: Buffer): string[] {
  return output.toString().split('\0').slice(0, -1);
}

async function isInRepository(folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    if (await ifThere(lstat(join(at, '.git')))) return true;
    if (at === dirname(at)) return false;
  }
}

/** What a hook, or a shell in the middle of something, has set for another repository. */
const foreign = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_OBJECT_DIRECTORY', 'GIT_COMMON_DIR', 'GIT_NAMESPACE'];

function git(cwd: string, words: readonly string[], signal: AbortSignal): Promise<Buffer> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.includes(name)));
  const child = spawn('git', ['-C', cwd, ...words], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, LC_ALL: 'C' }, signal });
  const output: Buffer[] = [];
  const complaint: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => complaint.push(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output));
      else reject(new Error(Buffer.concat(complaint).toString().trim().split('\n')[0] || `git ended with exit code ${code}`));
    });
  });
}
