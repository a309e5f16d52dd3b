/**
 * What a command of Git sees of this machine: its programs, one project at /project, and nothing else. A repository is written by programs that
 * nobody trusts and Git does a lot of what a repository tells it; here all it could do is what those programs can do anyway.
 */
import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path/posix';

export type Bind = { source: string; target: string; writable?: boolean };

export type Sandbox = {
  binds: readonly Bind[];
  /** Without it there is none, not even the machine's own loopback. */
  network: boolean;
  folder: string;
  /** Files that nobody can write, and links, beside what is bound. */
  own?: { files: readonly OwnFile[]; links: readonly { path: string; target: string }[] };
};

export type OwnFile = { path: string; text: string; mode: '0644' | '0755' };

/** The descriptor on which bwrap reads the text of the first of `own.files`; those of the others follow. */
export const firstOwnFile = 4;

/** Where the files of a project are, as in its containers: absolute links mean the same. */
export const projectFolder = '/project';

/** @param path of a folder in the project */
export function inProject(files: string, path: string): Sandbox {
  const folder = [projectFolder, ...path.split('/').filter(Boolean)].join('/');
  return { binds: [{ source: files, target: projectFolder, writable: true }], network: false, folder };
}

/** Names that distributions have as links into /usr, or as folders of their own. */
const beside = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'];
/** What resolving a name of a host needs. */
const networkFiles = ['/etc/resolv.conf', '/etc/hosts', '/etc/nsswitch.conf', '/etc/host.conf', '/etc/gai.conf'];

/** @returns the arguments of bwrap, up to the command */
export function sandboxArguments({ binds, network, folder, own: added }: Sandbox, user: { uid: number; gid: number }): string[] {
  const isRoot = process.geteuid?.() === 0;
  const apart = ['pid', 'ipc', 'uts', ...(network ? [] : ['net']), ...(isRoot ? [] : ['user'])].map((what) => `--unshare-${what}`);
  const ends = ['--die-with-parent', '--new-session'];
  const programs = ['--ro-bind', '/usr', '/usr', ...beside.flatMap(system)];
  // Folders that bwrap makes by the way are for root only.
  const settings = ['--perms', '0755', '--dir', '/etc', ...['/etc/ld.so.cache', ...(network ? networkFiles : [])].flatMap(asItIs)];
  const own = ['--proc', '/proc', '--dev', '/dev', '--perms', '1777', '--tmpfs', '/tmp'];
  const bound = binds.flatMap(({ source, target, writable }) => [writable ? '--bind' : '--ro-bind', source, target]);
  // As root no user namespace is needed, which many machines forbid; then every right is given up before the command begins.
  return [
    ...apart,
    ...ends,
    ...programs,
    ...settings,
    ...own,
    ...bound,
    ...(added ? ownFiles(added) : []),
    '--chdir',
    folder,
    '--',
    ...(isRoot ? asUser(user) : []),
  ];
}

function ownFiles({ files, links }: NonNullable<Sandbox['own']>): string[] {
  const folders = new Set(files.map(({ path }) => dirname(path)));
  return [
    ...[...folders].flatMap((folder) => ['--perms', '0755', '--dir', folder]),
    ...files.flatMap(({ path, mode }, index) => ['--perms', mode, '--ro-bind-data', `${firstOwnFile + index}`, path]),
    ...links.flatMap(({ path, target }) => ['--symlink', target, path]),
  ];
}

const asItIs = (file: string): string[] => ['--ro-bind-try', file, file];

function asUser({ uid, gid }: { uid: number; gid: number }): string[] {
  const who = ['--reuid', `${uid}`, '--regid', `${gid}`, '--clear-groups'];
  return ['/usr/bin/setpriv', ...who, '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all', '--'];
}

function system(name: string): string[] {
  const path = `/${name}`;
  if (!existsSync(path)) return [];
  return lstatSync(path).isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
}
