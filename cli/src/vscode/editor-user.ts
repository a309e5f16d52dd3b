/**
 * Whom the browser VS Code runs as: never root, because the files of a project can make an editor run programs. Root's files are in
 * its own folders; what belongs to the editor is written with the editor's rights, so that links planted there lead nowhere else.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Problem } from '@bine/shared/problems';
import { findProgram, runProgram, type Run } from '../programs.ts';

export type Ids = { uid: number; gid: number };
type Account = Ids & { name: string; home: string };

export type EditorUser = {
  /** null: the user who runs us. */
  account: Account | null;
  /** For its files; one for each BINE_HOME. */
  folder: string;
  env: Record<string, string | undefined>;
};

/** Where root has no ordinary user to stand for. */
const systemAccount = { name: 'bine-editor', home: '/var/lib/bine-editor' };

/** What another user's process may know of our environment. */
const passedOn = /^(LANG|LC_.*|TZ|.*_proxy|.*_PROXY|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|TERM)$/;

/** The user who called sudo, or else an account that is made for it. @throws Problem where none can be made */
export async function editorUserOf(home: string, run: Run): Promise<EditorUser> {
  const env = run.env ?? process.env;
  if (process.getuid?.() !== 0) return { account: null, folder: join(home, 'vscode'), env: { ...env, BINE_HOME: home } };
  const name = env.SUDO_USER && env.SUDO_USER !== 'root' ? env.SUDO_USER : systemAccount.name;
  const account = (await readAccount(name)) ?? (await createAccount(run));
  const digest = createHash('sha256').update(home).digest('hex').slice(0, 10);
  const folder = join(account.home, '.local/share/bine-editor', digest);
  const own = Object.fromEntries(Object.entries(env).filter(([key]) => passedOn.test(key)));
  return {
    account,
    folder,
    env: {
      ...own,
      HOME: account.home,
      USER: account.name,
      LOGNAME: account.name,
      SHELL: '/bin/bash',
      PATH: '/usr/local/bin:/usr/bin:/bin',
      BINE_HOME: gatewayFolderOf(folder),
    },
  };
}

/** Where the extension finds the gateway's address and a key when BINE_HOME is not for it to read. */
export const gatewayFolderOf = (folder: string) => join(folder, 'gateway');

/** uid and gid for `spawn`; it drops our supplementary groups with them. */
export function idsOf({ account }: EditorUser): Ids | undefined {
  return account ? { uid: account.uid, gid: account.gid } : undefined;
}

/** As the editor's user, who alone can read it then. */
export async function writeAsEditor(user: EditorUser, file: string, content: string | Uint8Array): Promise<void> {
  const script = 'umask 077 && mkdir -p -- "${1%/*}" && cat > "$1.new" && mv -f -- "$1.new" "$1"';
  const child = spawn('/bin/sh', ['-c', script, 'sh', file], {
    ...idsOf(user),
    cwd: '/',
    env: { PATH: user.env.PATH },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const said = text(child.stderr);
  child.stdin.end(content);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) {
    const who = user.account?.name ?? 'you';
    throw new Problem('internal', `${file} could not be written by ${who}, whom the browser VS Code runs as: ${(await said).trim()}`);
  }
}

/** null: it is not there. */
export async function readAsEditor(user: EditorUser, file: string): Promise<string | null> {
  const child = spawn('/bin/cat', ['--', file], { ...idsOf(user), cwd: '/', stdio: ['ignore', 'pipe', 'ignore'] });
  const [content, [code]] = await Promise.all([text(child.stdout), once(child, 'close') as Promise<[number | null]>]);
  return code === 0 ? content : null;
}

async function readAccount(name: string): Promise<Account | null> {
  const child = spawn('getent', ['passwd', name], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = await Promise.all([text(child.stdout), once(child, 'close')]);
  const [, , uid, gid, , home] = line.trim().split(':');
  return uid && gid && home ? { name, uid: Number(uid), gid: Number(gid), home } : null;
}

async function createAccount(run: Run): Promise<Account> {
  const { name, home } = systemAccount;
  const useradd = await findProgram('useradd', run.env ?? process.env);
  if (useradd) {
    await runProgram(useradd, ['--system', '--user-group', '--create-home', '--home-dir', home, '--shell', '/bin/bash', name], run);
    const account = await readAccount(name);
    if (account) return account;
  }
  throw new Problem(
    'conflict',
    `The browser VS Code does not run as root, and the account "${name}" could not be created. Run this command as an ordinary user.`,
  );
}
