/** The machine: what we run on and what we have to write on. */
import { readFile, stat, statfs } from 'node:fs/promises';
import { execPath, versions } from 'node:process';
import { dirname } from 'node:path';
import { ifThere } from '@bine/client/node/if-there';
import { missingForGit } from '../git.ts';
import { isReadable } from '../programs.ts';
import { formatBytes } from '../terminal.ts';
import { fail, ok, warn, type Check } from './finding.ts';

const gib = 1024 ** 3;
const bundle = '/etc/ssl/certs/ca-certificates.crt';

const node: Check = {
  name: 'Node',
  look: async () =>
    Number(versions.node.split('.')[0]) >= 24
      ? ok(`${versions.node}, ${execPath}`)
      : fail(`${versions.node} is too old; 24 is needed`, 'npm rebuild node'),
};

const memory: Check = {
  name: 'Memory',
  async look() {
    const info = await readFile('/proc/meminfo', 'utf8');
    const of = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(info)?.[1] ?? 0) * 1024;
    const text = `${formatBytes(of('MemAvailable'))} of ${formatBytes(of('MemTotal'))} are free`;
    return of('MemAvailable') < 2 * gib ? warn(`${text}; a kernel may take 2 GiB`, 'bine kernel list') : ok(text);
  },
};

const home: Check = {
  name: 'Data',
  async look({ context }) {
    const found = await ifThere(stat(context.home));
    if (!found) return warn(`${context.home} is not there yet`, 'bine quickstart');
    if (!found.isDirectory()) return fail(`${context.home} is not a folder`, `rm ${context.home}`);
    if (process.getuid?.() !== 0 && found.uid !== process.getuid?.())
      return fail(`${context.home} belongs to another user`, `sudo chown -R $USER ${context.home}`);
    return ok(context.home);
  },
};

const disk: Check = {
  name: 'Disk',
  look: ({ context }) => lookAtDisk(context.home),
};

export async function lookAtDisk(folder: string) {
  let there = folder;
  while (!(await isReadable(there))) there = dirname(there);
  const { bavail, bsize } = await statfs(there);
  const free = bavail * bsize;
  const text = `${formatBytes(free)} are free in ${folder}`;
  if (free < gib) return fail(`${text}; kernels' output may be lost`, `du -xh -d2 ${there} | sort -h | tail`);
  return free < 10 * gib ? warn(`${text}; environments take 1 to 2 GiB each`, `du -xh -d2 ${there} | sort -h | tail`) : ok(text);
}

const certificates: Check = {
  name: 'Certificates',
  look: async ({ context }) => {
    const file = context.host.env.SSL_CERT_FILE || bundle;
    return (await isReadable(file))
      ? ok(`${file} is given to containers`)
      : warn(`${file} is missing: containers may not be able to download packages`, 'apt-get install ca-certificates');
  },
};

const cgroup: Check = {
  name: 'Cgroups',
  async look() {
    const second = await isReadable('/sys/fs/cgroup/cgroup.controllers');
    const memory = second
      ? (await readFile('/sys/fs/cgroup/cgroup.controllers', 'utf8')).includes('memory')
      : await isReadable('/sys/fs/cgroup/memory');
    if (memory) return ok(`version ${second ? 2 : 1}`);
    return warn(
      'the memory controller is off: kernels have no limit',
      second ? null : 'add cgroup_enable=memory to the command line of the Linux kernel',
    );
  },
};

const git: Check = {
  name: 'Git',
  async look({ context }) {
    const missing = await missingForGit(context.host.env);
    if (missing.length === 0) return ok('it runs in a sandbox of bubblewrap');
    return warn(`no repositories without ${missing.join(' and ')}`, `sudo apt-get install ${missing.join(' ')}`);
  },
};

const users: Check = {
  name: 'User ids',
  async look() {
    if (process.getuid?.() === 0) return ok('each project has one of its own');
    return warn("a gateway of an ordinary user runs all projects as that user: what runs in one can be read with the user's own rights");
  },
};

export const machineChecks: readonly Check[] = [node, memory, home, disk, users, certificates, cgroup, git];
