/**
 * Installs what the tests in a real editor need and users don't: VS Code itself (code-server, in this folder) and, where
 * Debian's packages can be installed, a browser and the libraries that VS Code's native parts are built with.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

const here = import.meta.dirname;
const stamp = join(here, 'node_modules/.installed');
const lock = readFileSync(join(here, 'package-lock.json'), 'utf8');

/** A file of each Debian package. */
const packages: [string, string[]][] = [
  ['chromium', ['/usr/bin/chromium']],
  ['libkrb5-dev', ['/usr/include/krb5.h', '/usr/include/krb5/krb5.h']],
  ['libsecret-1-dev', ['/usr/include/libsecret-1/libsecret/secret.h']],
  ['build-essential', ['/usr/bin/g++']],
  ['python3', ['/usr/bin/python3']],
];

function run(command: string, args: string[], env: Record<string, string> = {}): void {
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  const { status, error } = spawnSync(command, args, {
    cwd: here,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env, PATH: path },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`);
}

const missing = packages.filter(([, files]) => !files.some((file) => existsSync(file))).map(([name]) => name);
if (missing.length > 0) {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) throw new Error(`Please install: ${missing.join(' ')}`);
  console.log(`Installing ${missing.join(', ')} …`);
  run('apt-get', ['update', '-qq']);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], { DEBIAN_FRONTEND: 'noninteractive' });
}
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  console.log('Installing VS Code for the tests (about three minutes) …');
  run('npm', ['ci']);
  writeFileSync(stamp, lock);
}
