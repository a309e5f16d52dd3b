/** The git domain on real disks, a real Git and a real database, with one project `p` and one user `ann`, without the rest of a gateway. */
import { execFile } from 'node:child_process';
import { chmod, chown, lchown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { GitOperation } from '@bine/shared';
import { createDisk } from '../../adapters/disk/disk.ts';
import { parseAllowance, resolveAllowances } from '../../adapters/egress/allowed.ts';
import { createGit } from '../../adapters/git/git.ts';
import { readTransferSettings } from '../../adapters/git/transfer-settings.ts';
import { openVault } from '../../adapters/secrets/vault.ts';
import { createGitRows } from '../../adapters/store/git.ts';
import { openStore } from '../../adapters/store/store.ts';
import { readConfig } from '../../config.ts';
import type { NewEvent } from '../events/events.ts';
import { createFiles } from '../files/files.ts';
import { createGitDomain } from './git.ts';

const owner = readConfig([], {}).containerUser;
const execute = promisify(execFile);
const never = new AbortController().signal;

export async function startWorld(t: TestContext, { ca, allow = ['127.0.0.0/8', '::1'] }: { ca?: string; allow?: string[] } = {}) {
  const made = new AsyncDisposableStack();
  t.after(() => made.disposeAsync());
  const home = await mkdtemp(join(tmpdir(), 'bine-git-'));
  made.defer(() => rm(home, { recursive: true, force: true }));
  // The terminal of the project has no container around it here.
  await chmod(home, 0o711);
  const [files, bin] = [join(home, 'projects', 'one', 'files'), join(home, 'projects', 'one', 'bin')];
  await mkdir(files, { recursive: true });
  await mkdir(bin, { recursive: true, mode: 0o700 });
  await give(files);
  const project = { id: 'one', name: 'p', files, bin, idleMinutes: 0, owner };
  const projects = { folder: async () => project, byId: async () => project };
  const { db } = made.use(await openStore(join(home, 'bine.db')));
  for (const name of ['ann', 'ben']) await db.insertInto('users').values({ name, admin: 0, created: '', disabled: 0 }).execute();
  const disk = made.use(createDisk());
  const plain = made.use(createFiles({ disk, projects }));
  const events: NewEvent[] = [];
  const errors: unknown[] = [];
  const adapter = createGit({
    folder: join(home, 'git'),
    settings: readTransferSettings({ GIT_SSL_CAINFO: ca }),
    allowed: () => resolveAllowances(allow.map(parseAllowance)),
  });
  const git = made.use(
    createGitDomain({
      git: adapter,
      rows: createGitRows(db),
      vault: await openVault(join(home, 'secrets.key')),
      disk,
      projects,
      files: plain,
      events: { publish: (event) => void events.push(event) },
      onError: (error) => void errors.push(error),
    }),
  );
  await git.setIdentity('ann', { name: 'Ann', email: 'ann@example.org' });

  return {
    home,
    owner,
    files,
    bin,
    db,
    git,
    adapter,
    events,
    errors,
    plain,
    ann: { user: 'ann', signal: never },
    async write(path: string, text: string): Promise<void> {
      const names = path.split('/');
      await mkdir(dirname(join(files, path)), { recursive: true });
      await writeFile(join(files, path), text);
      for (let depth = 1; depth <= names.length; depth++) await give(join(files, ...names.slice(0, depth)));
    },
    give,
    /** As somebody in a terminal of the project does it. */
    async shell(script: string, folder = ''): Promise<string> {
      const env = { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', ...terminal };
      const options = { cwd: join(files, folder), env, ...(process.getuid?.() === 0 && owner) };
      return (await execute('sh', ['-ec', script], options)).stdout;
    },
    /** Resolves when it is over. */
    async ended({ id }: GitOperation): Promise<GitOperation> {
      let last: GitOperation | null = null;
      for await (const now of git.follow({ project: 'p', operation: id }, never)) last = now;
      return last!;
    },
    staged: async (): Promise<string[]> => (await readdir(bin, { recursive: true })).filter((name) => /^\.incoming\/[^/]+\/./.test(name)),
  };
}

const terminal = {
  GIT_AUTHOR_NAME: 'Terminal',
  GIT_AUTHOR_EMAIL: 'terminal@example.org',
  GIT_COMMITTER_NAME: 'Terminal',
  GIT_COMMITTER_EMAIL: 'terminal@example.org',
};

async function give(path: string): Promise<void> {
  if (process.getuid?.() === 0) await lchown(path, owner.uid, owner.gid).catch(() => chown(path, owner.uid, owner.gid));
}
